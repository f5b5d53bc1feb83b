/**
 * Label Studio's exports: JSON (tasks with their annotations) and JSON-MIN (flat). A task's columns are its `data`, and
 * one column a labelling control, by the control's name, with its choices.
 */

import { fieldsOf, type Item, problem, type ReadOptions } from './item.ts';
import { readJsonArray } from './json-array.ts';

type Choices = Record<string, string[]>;

/** Choices by control; undefined where the annotation is not of the form that Label Studio writes. */
function choicesOf(annotation: Record<string, unknown>): Choices | undefined {
  if (!Array.isArray(annotation.result)) return undefined;
  const choices: Choices = {};
  for (const region of annotation.result) {
    const fields = fieldsOf(region);
    const picked = fieldsOf(fields?.value)?.choices;
    if (fields === undefined || typeof fields.from_name !== 'string') return undefined;
    if (!Array.isArray(picked)) continue;
    choices[fields.from_name] = [...(choices[fields.from_name] ?? []), ...picked.map(String)];
  }
  return choices;
}

/** The same choices in the same form, whatever their order. */
const canonical = (choices: Choices) =>
  JSON.stringify(
    Object.entries(choices)
      .map(([name, list]) => [name, [...new Set(list)].sort()] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );

/** The choices that count: those of the ground truth, or those that all annotators agree on. */
function settle(annotations: readonly unknown[]): { choices: Choices } | { reason: string } {
  const valid = annotations.map(fieldsOf).filter((a) => a !== undefined && a.was_cancelled !== true);
  if (valid.length < annotations.length && valid.length === 0)
    return { reason: 'all annotations were skipped' };
  const truth = valid.filter((annotation) => annotation?.ground_truth === true);
  const chosen = (truth.length > 0 ? truth : valid).map((annotation) => choicesOf(annotation!));
  if (chosen.includes(undefined)) return { reason: 'has an annotation without a result list' };
  const [first = {}] = chosen as Choices[];
  const differing = chosen.filter((choices) => canonical(choices!) !== canonical(first)).length;
  return differing === 0
    ? { choices: first }
    : { reason: `has ${chosen.length} annotations that differ; mark one as ground truth` };
}

/** JSON-MIN writes several choices as `{"choices": […]}` and one as a string. */
const flatten = (fields: Record<string, unknown>) =>
  Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, fieldsOf(value)?.choices ?? value] as const),
  );

/** One row a task. A task without annotations is a row without labels. */
export async function* readLabelStudio(path: string, options: ReadOptions): AsyncGenerator<Item> {
  for await (const item of readJsonArray(path, options)) {
    if (item.kind !== 'element') {
      yield item;
      continue;
    }
    const { row } = item;
    const task = fieldsOf(item.value);
    const data = fieldsOf(task?.data);
    if (task === undefined) yield problem('data-invalid', 'is no task: no JSON object', { row });
    else if (data === undefined) yield { kind: 'row', row, fields: flatten(task) };
    else {
      const settled = settle(Array.isArray(task.annotations) ? task.annotations : []);
      if ('reason' in settled) yield problem('data-invalid', settled.reason, { row });
      else yield { kind: 'row', row, fields: { task: task.id, ...data, ...settled.choices } };
    }
  }
}
