/** Texts in, answers out: encoder and classifier together, with what was read of each text. */

import type { Config } from '../config.ts';
import type { EncodeCallOptions, Encoder } from '../encoder/encoder.ts';
import { openConfiguredEncoder } from '../encoder/settings.ts';
import { RasidError } from '../errors.ts';
import { looksLikeHtml, whyUnreadable } from '../text/content.ts';
import { type BackendName, useBackend } from './backend.ts';
import { loadBundle, type Manifest, readManifest } from './bundle.ts';
import { type Classifier, openClassifier, type Prediction } from './classifier.ts';
import { type Explanation, explainTexts } from './explain.ts';
import { bundleFolder } from './store.ts';
import { classifyInTurns } from './turns.ts';

export interface Answer extends Prediction {
  /** Tokens of the whole text. */
  tokens: number;
  /** Whether tokens beyond the limit were cut. */
  truncated: boolean;
  /** Whether the text looks like HTML source, which the classifier was not trained on. */
  html: boolean;
  /** Where it was asked for. */
  explanation?: Explanation;
}

export interface ClassifyOptions extends EncodeCallOptions {
  /** Whether each answer also tells which sentences decided. */
  explain?: boolean;
}

/** Opens the encoder that a classifier needs: the settings given, with the bundle's own encoder settings. */
export type OpenEncoder = (config: Config) => Promise<Encoder>;

export interface Pipeline {
  readonly classifier: Classifier;
  readonly encoder: Encoder;
  readonly manifest: Manifest;
  readonly backend: BackendName;
  /** @throws RasidError `text-unreadable` for the first text that holds nothing to read; `worker-failed`. */
  classify(texts: readonly string[], options?: ClassifyOptions): Promise<Answer[]>;
  close(): Promise<void>;
}

/** N-grams are read as far as this times `maxTokens`: well beyond what the encoder reads, but not two million letters. */
const CHARACTERS_PER_TOKEN = 16;

/** The part of a text whose n-grams are read. */
export const ngramText = (text: string, maxTokens: number) => text.slice(0, maxTokens * CHARACTERS_PER_TOKEN);

/** @throws RasidError `text-unreadable`, naming the text by its index. */
export function checkReadable(texts: readonly string[]): void {
  for (const [i, text] of texts.entries()) {
    const reason = whyUnreadable(text);
    if (reason !== undefined)
      throw new RasidError('text-unreadable', `text ${i + 1}: ${reason}`, { details: { index: i } });
  }
}

/**
 * Opens the classifier in `modelFolder` with its encoder, under the encoder settings it was trained with.
 * @throws RasidError of `loadCurrent`, `openClassifier` and `openEncoder`.
 */
export async function openPipeline(
  config: Config,
  openEncoder: OpenEncoder = openConfiguredEncoder,
): Promise<Pipeline> {
  const folder = await bundleFolder(config.modelFolder);
  const { manifest } = await readManifest(folder);
  const { prefix, pooling, windowTokens, maxTokens } = manifest.encoder;
  const settings = { encoderPrefix: prefix, encoderPooling: pooling, windowTokens, maxTokens };
  // The encoder's workers start while this process reads the bundle.
  const [opening, loading] = await Promise.allSettled([
    openEncoder({ ...config, ...settings }),
    useBackend(config.backend).then(async (backend) => ({
      backend,
      bundle: await loadBundle(folder),
    })),
  ]);
  if (opening.status === 'rejected' || loading.status === 'rejected') {
    if (opening.status === 'fulfilled') await opening.value.close();
    if (loading.status === 'fulfilled') loading.value.bundle.network.dispose();
    throw loading.status === 'rejected' ? loading.reason : (opening as PromiseRejectedResult).reason;
  }
  const encoder = opening.value;
  const { backend, bundle } = loading.value;
  async function close(): Promise<void> {
    bundle.network.dispose();
    await encoder.close();
  }
  let classifier: Classifier;
  try {
    classifier = openClassifier(bundle, encoder.identity);
  } catch (error) {
    await close();
    throw error;
  }
  const predict = classifyInTurns<Prediction>(
    (texts, vectors) => classifier.classify(classifier.features(texts, vectors)),
    encoder.identity.dim,
  );
  async function classify(texts: readonly string[], options?: ClassifyOptions): Promise<Answer[]> {
    checkReadable(texts);
    const { vectors, tokens, truncated } = await encoder.encode(texts, options);
    const read = texts.map((text) => ngramText(text, maxTokens));
    const predictions = await predict(read, vectors);
    const explanations = options?.explain ? await explainTexts(read, { classifier, encoder }, options) : [];
    return predictions.map((prediction, i) => ({
      ...prediction,
      tokens: tokens[i]!,
      truncated: truncated[i]!,
      html: looksLikeHtml(texts[i]!),
      ...(explanations[i] ? { explanation: explanations[i] } : {}),
    }));
  }
  return { classifier, encoder, manifest: bundle.manifest, backend, classify, close };
}
