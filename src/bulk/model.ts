/** The model of a run, opened: what answers, under which identity, and the columns it adds. */

import { openPipeline } from '../classifier/pipeline.ts';
import type { Config } from '../config.ts';
import type { Taxonomy } from '../dataset/taxonomy.ts';
import { identityKey } from '../encoder/identity.ts';
import type { EncoderSource } from '../encoder/locate.ts';
import { openConfiguredEncoder } from '../encoder/settings.ts';
import { answerWithLabels, answerWithVectors } from './answer.ts';
import type { AnswerBlock } from './block.ts';
import { type AddedColumns, type LabelColumnOptions, labelColumns, vectorColumns } from './output/columns.ts';
import type { RunFacts } from './run-files.ts';
import type { TextColumns } from './text.ts';

export interface BulkModel {
  answer: AnswerBlock;
  /** The bundle's id for labels, the key of the encoder's identity for vectors. */
  model: string;
  added: AddedColumns;
  /** Of the labels. */
  taxonomy?: Taxonomy;
  /** What else decides about the bytes of the output. */
  facts: RunFacts;
  /** For the footer of a Parquet file. */
  metadata: Record<string, string>;
  /** Encoder processes. */
  workers: number;
  close(): Promise<void>;
}

export interface BulkModelOptions {
  columns: TextColumns;
  /** Labels are written in these columns; undefined: vectors instead of labels. */
  labels: LabelColumnOptions | undefined;
  signal?: AbortSignal;
  onDownload?: EncoderSource['onDownload'];
}

/** @throws RasidError of `openPipeline` or, for vectors, of `openConfiguredEncoder`. */
export async function openBulkModel(config: Config, options: BulkModelOptions): Promise<BulkModel> {
  const { columns, labels, signal, onDownload } = options;
  if (labels === undefined) {
    const encoder = await openConfiguredEncoder(config, onDownload);
    const { identity, workers, close } = encoder;
    const model = identityKey(identity);
    return {
      answer: answerWithVectors(encoder, columns, signal),
      model,
      added: vectorColumns(model, columns),
      facts: { titleColumn: columns.title },
      metadata: { 'rasid.encoder': JSON.stringify(identity) },
      workers,
      close,
    };
  }
  const pipeline = await openPipeline(config, (settings) => openConfiguredEncoder(settings, onDownload));
  const { classifier, encoder, backend } = pipeline;
  return {
    answer: answerWithLabels(pipeline, columns, signal),
    model: classifier.id,
    added: labelColumns(classifier.taxonomy, labels),
    taxonomy: classifier.taxonomy,
    facts: { titleColumn: columns.title, backend, encoder: identityKey(encoder.identity) },
    metadata: { 'rasid.model': classifier.id, 'rasid.encoder': JSON.stringify(encoder.identity) },
    workers: encoder.workers,
    close: pipeline.close,
  };
}

/** Texts that the encoder hands to a worker at once. */
const CHUNK_TEXTS = 32;
/** Chunks that should wait for each worker while another block is classified and written. */
const CHUNKS_PER_WORKER = 2;

/** Blocks under way at the same time, so that no worker waits for the next one to be read. */
export const blocksAhead = (workers: number, blockRows: number) =>
  2 + Math.ceil((workers * CHUNK_TEXTS * CHUNKS_PER_WORKER) / blockRows);
