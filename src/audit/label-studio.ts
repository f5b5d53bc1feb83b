/** Tasks for Label Studio with the classifier's proposal as a prediction, and the labelling form that shows them. */

import type { Prediction } from '../classifier/classifier.ts';
import type { Taxonomy } from '../dataset/taxonomy.ts';
import { escapeHtml } from '../html.ts';

export interface Task {
  data: { id: string; text: string; title?: string };
  predictions: {
    model_version: string;
    score: number;
    result: { from_name: string; to_name: 'text'; type: 'choices'; value: { choices: string[] } }[];
  }[];
}

/** @param score What Label Studio orders tasks by, 0 to 1. */
export function labelStudioTask(
  data: Task['data'],
  { heads }: Prediction,
  taxonomy: Taxonomy,
  model: string,
  score: number,
): Task {
  const result = taxonomy.heads.map(({ id }) => ({
    from_name: id,
    to_name: 'text' as const,
    type: 'choices' as const,
    value: { choices: heads[id]!.accepted.map((label) => label.id) },
  }));
  return { data, predictions: [{ model_version: model, score, result }] };
}

/** The labelling configuration (XML) with one set of choices a head: names are Arabic, values the labels' ids. */
export function labelStudioForm({ heads }: Taxonomy): string {
  const choices = heads.map(({ id, kind, name, labels }) => {
    const options = labels
      .map((label) => `    <Choice value="${escapeHtml(label.id)}" html="${escapeHtml(label.name.ar)}"/>`)
      .join('\n');
    const choice = kind === 'one-of' ? 'single' : 'multiple';
    return `  <Header value="${escapeHtml(name.ar)}"/>\n  <Choices name="${escapeHtml(id)}" toName="text" choice="${choice}" required="true">\n${options}\n  </Choices>`;
  });
  return `<View>\n  <Text name="title" value="$title"/>\n  <Text name="text" value="$text"/>\n${choices.join('\n')}\n</View>\n`;
}
