/** A trained classifier on disk: one manifest and the files it names with their sha256. Written whole or not at all. */

import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { io } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { z } from 'zod';
import { firstIssue, taxonomySchema } from '../dataset/taxonomy.ts';
import { describeReadError, RasidError, systemErrorCode } from '../errors.ts';
import { writeFolderAtomically } from '../storage.ts';
import { tfl } from '../tensorflow.ts';
import type { Model } from './model.ts';
import { outputWidth } from './network.ts';
import { readNgrams, writeNgrams } from './ngram-file.ts';
import type { Tfidf } from './tfidf.ts';
import { emptyWide } from './wide.ts';

const FORMAT = 2;
export const MANIFEST = 'bundle.json';
const TOPOLOGY = 'network.json';
const WEIGHTS = 'network.bin';
const CENTROIDS = 'centroids.bin';
const NGRAMS = 'ngrams.bin';

const hex = z.string().regex(/^[0-9a-f]{64}$/);

const identitySchema = z.strictObject({
  name: z.string(),
  dim: z.number().int().positive(),
  weights: hex,
  tokenizer: hex,
  prefix: z.string(),
  pooling: z.enum(['mean', 'cls']),
  windowTokens: z.number().int(),
  maxTokens: z.number().int(),
});

const calibrationSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('temperature'), temperature: z.number().positive() }),
  z.strictObject({ kind: z.literal('platt'), slopes: z.array(z.number()), intercepts: z.array(z.number()) }),
]);

const manifestSchema = z.strictObject({
  format: z.literal(FORMAT),
  taxonomy: taxonomySchema,
  encoder: identitySchema,
  /** Per head, in the taxonomy's order. */
  heads: z.array(
    z.strictObject({ calibration: calibrationSchema, thresholds: z.array(z.number().min(0).max(1)) }),
  ),
  minimumSimilarity: z.number(),
  /** How texts become n-grams, and how many n-grams are used; none: the classifier reads vectors alone. */
  ngrams: z
    .strictObject({
      words: z.tuple([z.number().int(), z.number().int()]).readonly(),
      characters: z.tuple([z.number().int(), z.number().int()]).readonly(),
      buckets: z.number().int().positive(),
      mostPerText: z.number().int().positive(),
      columns: z.number().int().nonnegative(),
    })
    .optional(),
  training: z.strictObject({
    data: hex,
    articles: z.strictObject({ train: z.number().int(), validation: z.number().int() }),
    /** Which rows chose epochs, calibration and thresholds. */
    heldOut: z.enum(['validation', 'cross-validation']),
    options: z.record(z.string(), z.number()),
    bestEpoch: z.number().int(),
    backend: z.string(),
    versions: z.record(z.string(), z.string()),
  }),
  /** On the test split at training, by head and measure: value and ends of the 95 % interval. */
  figures: z
    .record(z.string(), z.record(z.string(), z.tuple([z.number(), z.number(), z.number()]).readonly()))
    .optional(),
  files: z.record(z.string(), hex),
});

export type Manifest = z.infer<typeof manifestSchema>;

/** What a bundle holds beside its manifest. */
export interface BundleContent extends Model {
  /** [labels, dim] */
  centroids: Float32Array;
  tfidf: Tfidf | undefined;
}

export interface Bundle extends BundleContent {
  manifest: Manifest;
  /** sha256 of the manifest: names this very classifier. */
  id: string;
}

const sha256 = (data: string | Uint8Array) => createHash('sha256').update(data).digest('hex');
const bytesOf = (array: Float32Array) => new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

/** The network as TensorFlow.js describes it: topology, weight specification, weights. */
async function networkArtifacts(network: LayersModel): Promise<{ topology: string; weights: Uint8Array }> {
  let artifacts: io.ModelArtifacts | undefined;
  await network.save({
    save: async (given) => {
      artifacts = given;
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } };
    },
  });
  const { modelTopology, weightSpecs, weightData } = artifacts!;
  const buffers = Array.isArray(weightData) ? weightData : [weightData!];
  return {
    topology: `${JSON.stringify({ modelTopology, weightSpecs })}\n`,
    weights: Buffer.concat(buffers.map((buffer) => new Uint8Array(buffer))),
  };
}

/**
 * Writes a bundle folder and returns its id.
 * @throws RasidError `disk-full` or `output-unwritable`; the bundle that stood there is unchanged.
 */
export async function saveBundle(
  folder: string,
  bundle: BundleContent & { manifest: Omit<Manifest, 'files' | 'format'> },
  extra: Record<string, string> = {},
): Promise<string> {
  const { topology, weights } = await networkArtifacts(bundle.network);
  const files: Record<string, string | Uint8Array> = {
    [TOPOLOGY]: topology,
    [WEIGHTS]: weights,
    [CENTROIDS]: bytesOf(bundle.centroids),
    ...(bundle.tfidf === undefined ? {} : { [NGRAMS]: writeNgrams(bundle.tfidf, bundle.wide) }),
    ...extra,
  };
  const hashes = Object.fromEntries(Object.entries(files).map(([name, content]) => [name, sha256(content)]));
  const manifest = `${JSON.stringify({ format: FORMAT, ...bundle.manifest, files: hashes }, null, 2)}\n`;
  await writeFolderAtomically(folder, async (temporary) => {
    for (const [name, content] of Object.entries(files)) await writeFile(join(temporary, name), content);
    await writeFile(join(temporary, MANIFEST), manifest);
  });
  return sha256(manifest);
}

const RESTORE = 'Restore the folder from version control, or train again with `npm run train`.';

async function readPart(folder: string, name: string): Promise<Buffer> {
  return readFile(join(folder, name)).catch((error: unknown) => {
    if (systemErrorCode(error) !== 'ENOENT') throw describeReadError(error, join(folder, name));
    throw name === MANIFEST
      ? new RasidError('bundle-missing', `${folder}: holds no trained classifier (no ${MANIFEST})`, {
          hint: 'Train one with `npm run train`, or name its folder with --model-folder.',
        })
      : new RasidError('bundle-corrupt', `${join(folder, name)}: is missing`, { hint: RESTORE });
  });
}

function parseManifest(path: string, text: string): Manifest {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new RasidError('bundle-corrupt', `${path}: not valid JSON`, { hint: RESTORE });
  }
  const parsed = manifestSchema.safeParse(value);
  if (!parsed.success) {
    throw new RasidError('bundle-corrupt', `${path}: ${firstIssue(parsed.error)}`, { hint: RESTORE });
  }
  return parsed.data;
}

/**
 * The manifest alone; the other files are not looked at.
 * @throws RasidError `bundle-missing` or `bundle-corrupt`.
 */
export async function readManifest(folder: string): Promise<Pick<Bundle, 'manifest' | 'id'>> {
  const text = await readPart(folder, MANIFEST);
  return { manifest: parseManifest(join(folder, MANIFEST), text.toString('utf8')), id: sha256(text) };
}

interface BundleFiles extends Pick<Bundle, 'manifest' | 'id'> {
  /** Content by file name. */
  parts: Map<string, Buffer>;
}

/**
 * Reads a bundle's files and checks the sha256 of each.
 * @throws RasidError `bundle-missing` or `bundle-corrupt`, naming the file.
 */
export async function readBundle(folder: string): Promise<BundleFiles> {
  const { manifest, id } = await readManifest(folder);
  const parts = new Map<string, Buffer>();
  for (const [name, expected] of Object.entries(manifest.files)) {
    const content = await readPart(folder, name);
    if (sha256(content) !== expected) {
      throw new RasidError('bundle-corrupt', `${join(folder, name)}: sha256 differs from ${MANIFEST}`, {
        hint: RESTORE,
      });
    }
    parts.set(name, content);
  }
  return { manifest, id, parts };
}

/**
 * The classifier of a bundle. A TensorFlow.js backend must be in use.
 * @throws RasidError of `readBundle`.
 */
export async function loadBundle(folder: string): Promise<Bundle> {
  const { manifest, id, parts } = await readBundle(folder);
  const part = (name: string) => {
    const content = parts.get(name);
    if (content !== undefined) return content;
    throw new RasidError('bundle-corrupt', `${join(folder, MANIFEST)}: lists no ${name}`, { hint: RESTORE });
  };
  const { modelTopology, weightSpecs } = JSON.parse(part(TOPOLOGY).toString('utf8'));
  const weightData = new Uint8Array(part(WEIGHTS)).buffer;
  const network = await tfl.loadLayersModel({
    load: async () => ({ modelTopology, weightSpecs, weightData }),
  });
  const centroids = new Float32Array(new Uint8Array(part(CENTROIDS)).buffer);
  const width = outputWidth(manifest.taxonomy);
  const ngrams =
    manifest.ngrams === undefined
      ? { tfidf: undefined, wide: emptyWide(0, width) }
      : readNgrams(part(NGRAMS), manifest.ngrams, manifest.ngrams.columns, width);
  return { manifest, network, centroids, ...ngrams, id };
}
