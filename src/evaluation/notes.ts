/** What the reader of figures must know of the data they were measured on. */

import { countLabels, type HeadTargets } from '../classifier/targets.ts';
import { normalise } from '../text/normalise.ts';

/** Below this, an interval says more than the figure. */
const FEW_RECORDS = 30;

/** One sentence per thing about a head's labels that limits what its figures say. */
export function notesOnLabels(targets: HeadTargets): string[] {
  const { head, known } = targets;
  const records = known.reduce((sum, knows) => sum + knows, 0);
  if (records === 0) return [`${head.id}: no article names a label of this head, so it is left out`];
  const notes: string[] = [];
  const counts = countLabels(targets);
  const unsupported = head.labels.filter((_, k) => counts[k] === 0).map(({ id }) => id);
  const everywhere = head.labels.filter((_, k) => counts[k] === records).map(({ id }) => id);
  const [only] = unsupported.length === head.labels.length - 1 ? everywhere : [];
  if (only !== undefined) {
    notes.push(
      `${head.id}: all articles carry the one label ${only}; that shows how often it is found, not how well labels are told apart`,
    );
  } else if (unsupported.length > 0) {
    notes.push(
      `${head.id}: no article carries ${unsupported.join(', ')}; macro F1 is the mean over the other labels`,
    );
  }
  if (records < FEW_RECORDS) {
    notes.push(
      `${head.id}: only ${records} article${records === 1 ? '' : 's'}; read the intervals, not the figures`,
    );
  }
  return notes;
}

/** One sentence where texts were trained on: figures on them flatter. */
export function noteOnOverlap(texts: readonly string[], training: readonly string[]): string[] {
  const known = new Set(training.map(normalise));
  const shared = texts.filter((text) => known.has(normalise(text))).length;
  return shared === 0
    ? []
    : [`${shared} of ${texts.length} texts stand in the training splits too; the figures flatter by them`];
}
