/** What another TypeScript program may import. Everything else is internal. */

export { type AuditInput, auditCorpus } from './audit/audit.ts';
export { createCorpus, readCorpus } from './audit/corpus.ts';
export type { AuditReport, Finding, Rule } from './audit/report.ts';
export { type Suggestion, suggestRows } from './audit/suggest.ts';
export type { AnswerBlock, Block, BlockAnswer, Outcome, Rejection, Row } from './bulk/block.ts';
export { blocksAhead, openBulkModel } from './bulk/model.ts';
export { cancelRun } from './bulk/queue/cancel.ts';
export { collectRun } from './bulk/queue/collect.ts';
export { withRedis } from './bulk/queue/connection.ts';
export { type RunStatus, statusOf } from './bulk/queue/status.ts';
export { submitRun } from './bulk/queue/submit.ts';
export { startWorker } from './bulk/queue/worker.ts';
export { type BulkRun, runBulk } from './bulk/run.ts';
export type { BulkSummary } from './bulk/summary.ts';
export { readVectors } from './bulk/vectors.ts';
export { type BackendName, useBackend } from './classifier/backend.ts';
export { type Bundle, loadBundle, type Manifest, saveBundle } from './classifier/bundle.ts';
export {
  type Classifier,
  type HeadPrediction,
  openClassifier,
  type Prediction,
  type ScoredLabel,
} from './classifier/classifier.ts';
export { type Explanation, explainTexts } from './classifier/explain.ts';
export { type Answer, openPipeline, type Pipeline } from './classifier/pipeline.ts';
export type { TrainingInput } from './classifier/prepare.ts';
export {
  findVersion,
  listVersions,
  loadCurrent,
  pruneVersions,
  saveVersion,
  useVersion,
  type Version,
} from './classifier/store.ts';
export { type Trained, trainClassifier } from './classifier/train.ts';
export { type Trial, tuneClassifier } from './classifier/tune.ts';
export { type Config, loadConfig } from './config.ts';
export { type Article, articleText, type Labels, type Split } from './dataset/article.ts';
export {
  type ImportInput,
  type ImportSummary,
  importArticles,
  importToFile,
} from './dataset/import/import.ts';
export { loadMapping, type Mapping, parseMapping } from './dataset/import/mapping.ts';
export { readArticles, writeRecords } from './dataset/jsonl.ts';
export { findNearDuplicates } from './dataset/near-duplicates.ts';
export { assignSplits } from './dataset/split.ts';
export { type Head, type Label, loadTaxonomy, type Taxonomy } from './dataset/taxonomy.ts';
export { type CachedEncoder, withCache } from './encoder/cache.ts';
export { type Encoder, openEncoder } from './encoder/encoder.ts';
export { type EncoderIdentity, identityKey } from './encoder/identity.ts';
export { openCachedEncoder, openConfiguredEncoder } from './encoder/settings.ts';
export { ERRORS, type ErrorCode, RasidError } from './errors.ts';
export { type Evaluation, evaluateClassifier, labelledFeatures } from './evaluation/evaluate.ts';
export { formatEvaluation } from './evaluation/table.ts';
export { normalise } from './text/normalise.ts';
