/** Rows of a batch: `{record, answer}`, `{record, problem}`, or `{record}` while it waits. */

import { acceptedOf, describedHead } from './heads.js';
import { named, t } from './language.js';
import { describeProblem } from './problem-view.js';

/** Where a text was found. */
export const nameOf = ({ name, place, line }) =>
  place === undefined ? name : t(place, { file: name, line });

/** Why a row holds no answer, in the page's language; undefined where it holds one. */
export function failureOf({ record, problem }) {
  if (record.failure !== undefined) return t(record.failure);
  return problem === undefined ? undefined : describeProblem(problem);
}

/** What to know before trusting an answer, in a word each. */
export function notesOf({ answer }) {
  const notes = [
    answer.abstains && 'noteAbstains',
    answer.truncated && 'noteTruncated',
    answer.html && 'noteHtml',
  ];
  return notes.filter(Boolean).map((key) => t(key));
}

/** The heads that the answers have. */
export function headsOf(rows, info) {
  const answer = rows.find((row) => row.answer !== undefined)?.answer;
  return Object.keys(answer?.heads ?? {}).map((id) => describedHead(id, info));
}

/** The table as CSV rows: ids of labels beside their names, so that programs and people can read it. */
export function csvRows(rows, info) {
  const heads = headsOf(rows, info);
  const scoreIds = (head) => head.labels?.map(({ id }) => id) ?? [];
  const header = [
    'file',
    'line',
    'text',
    ...heads.flatMap(({ id }) => [id, `${id}_names`]),
    'abstains',
    'reasons',
    'truncated',
    'html',
    'tokens',
    'error',
    ...heads.flatMap((head) => scoreIds(head).map((label) => `${head.id}.${label}`)),
  ];
  const body = rows.map((row) => {
    const { record, answer } = row;
    const labels = heads.flatMap(({ id }) => {
      const accepted = answer === undefined ? [] : acceptedOf(answer.heads[id]);
      return [accepted.map((label) => label.id).join('; '), accepted.map(named).join('; ')];
    });
    const facts =
      answer === undefined
        ? ['', '', '', '', '']
        : [answer.abstains, answer.reasons.join('; '), answer.truncated, answer.html, answer.tokens];
    const scores = heads.flatMap((head) =>
      scoreIds(head).map((label) => answer?.heads[head.id]?.scores?.[label] ?? ''),
    );
    return [
      record.name,
      record.line ?? '',
      record.text ?? '',
      ...labels,
      ...facts,
      failureOf(row) ?? '',
      ...scores,
    ];
  });
  return [header, ...body];
}
