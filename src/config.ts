/**
 * Every setting of rasid: one schema is the environment variables, the defaults of the flags and the table in the README.
 * `RASID_MODEL_FOLDER` sets `modelFolder`; a flag of the same name (`--model-folder`) overrides it.
 */

import { z } from 'zod';
import { RasidError } from './errors.ts';

const count = (min: number, max: number) => z.coerce.number().int().min(min).max(max);

export const configSchema = z.object({
  encoder: z
    .string()
    .min(1)
    .default('models/encoder')
    .describe('Encoder: a local folder, or a hub name such as `Xenova/multilingual-e5-small`'),
  encoderPrefix: z.string().default('').describe('Text put before every window (e5 models: `query: `)'),
  encoderPooling: z.enum(['mean', 'cls']).default('mean').describe('How token vectors become one vector'),
  encoderDtype: z.enum(['q8', 'fp32', 'fp16']).default('q8').describe('Precision of the ONNX file'),
  hubUrl: z.url().default('https://huggingface.co').describe('Model hub to download an encoder from'),
  cacheFolder: z.string().min(1).default('.cache').describe('Cached vectors and downloaded encoders'),
  dataFile: z.string().min(1).default('data/articles.jsonl').describe('Labelled articles, JSONL'),
  taxonomyFile: z.string().min(1).default('data/taxonomy.json').describe('Heads and labels'),
  modelFolder: z.string().min(1).default('models/classifier').describe('The trained classifier'),
  backend: z.enum(['auto', 'node', 'wasm', 'cpu']).default('auto').describe('TensorFlow.js backend'),
  seed: count(0, 2 ** 31 - 1)
    .default(1)
    .describe('Seed of every random choice'),
  workers: count(0, 64).default(0).describe('Encoder worker threads; 0: one per CPU core'),
  windowTokens: count(16, 512).default(256).describe('Longest piece of text the encoder reads at once, tokens'),
  maxTokens: count(16, 1_000_000)
    .default(8_192)
    .describe('Tokens read of one text; the rest is cut, and the answer says so'),
  batchTokens: count(64, 1_000_000).default(2_048).describe('Padded tokens per encoder batch'),
  host: z.string().min(1).default('127.0.0.1').describe('Address the server listens on'),
  port: count(0, 65_535).default(8080).describe('Port the server listens on; 0: any free one'),
  bodyLimit: count(1_024, 2 ** 30)
    .default(2_000_000)
    .describe('Longest request body, bytes'),
  maxTexts: count(1, 10_000).default(64).describe('Most texts in one request'),
  drainTimeout: count(0, 600_000).default(10_000).describe('Longest wait for answers under way at shutdown, ms'),
});

export type Config = z.infer<typeof configSchema>;
export type ConfigKey = keyof Config;

const KEYS = Object.keys(configSchema.shape) as ConfigKey[];
const words = (key: string) => key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** `modelFolder` → `RASID_MODEL_FOLDER` */
export const environmentName = (key: ConfigKey) => `RASID_${words(key).replaceAll('-', '_').toUpperCase()}`;
/** `modelFolder` → `model-folder` */
export const flagName = (key: ConfigKey) => words(key);

/**
 * Settings from flags over environment variables over defaults.
 * @throws RasidError `config-invalid` naming the setting at fault; unknown `RASID_*` variables are refused.
 */
export function loadConfig(
  flags: Partial<Record<ConfigKey, string>> = {},
  environment: Record<string, string | undefined> = process.env,
): Config {
  const named = new Map(KEYS.map((key) => [environmentName(key), key]));
  const values: Record<string, string> = {};
  for (const [name, value] of Object.entries(environment)) {
    if (!name.startsWith('RASID_') || value === undefined) continue;
    const key = named.get(name);
    if (key === undefined) {
      throw new RasidError('config-invalid', `${name}: no such setting`, {
        hint: `Known settings: ${[...named.keys()].join(', ')}.`,
      });
    }
    values[key] = value;
  }
  for (const [key, value] of Object.entries(flags)) if (value !== undefined) values[key] = value;
  const parsed = configSchema.safeParse(values);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  const key = issue.path[0] as ConfigKey;
  throw new RasidError('config-invalid', `--${flagName(key)} (${environmentName(key)}): ${issue.message}`);
}

/** The Markdown table of all settings that the README holds. */
export function settingsTable(): string {
  const rows = KEYS.map((key) => {
    const field = configSchema.shape[key];
    const value = JSON.stringify(field.parse(undefined));
    return `| \`--${flagName(key)}\` | \`${environmentName(key)}\` | \`${value}\` | ${field.description} |`;
  });
  return ['| flag | environment variable | default | meaning |', '|---|---|---|---|', ...rows].join('\n');
}
