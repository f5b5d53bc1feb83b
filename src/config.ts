/**
 * Every setting of rasid: one schema is the environment variables, the defaults of the flags and the table in the README.
 * `RASID_MODEL_FOLDER` sets `modelFolder`; a flag of the same name (`--model-folder`) overrides it.
 */

import { z } from 'zod';
import { RasidError } from './errors.ts';

const count = (min: number, max: number) => {
  const error = `must be a whole number from ${min} to ${max}`;
  const number = z.coerce.number({ error }).int(error).min(min, error).max(max, error);
  return z.preprocess((value) => (value === '' ? Number.NaN : value), number);
};

/** sha256 of a key in hexadecimal: the settings never hold a key itself. */
const keyHash = z.string().regex(/^[0-9a-f]{64}$/, 'must be a sha256 in lower-case hexadecimal');

/** A comma-separated list; empty: none. */
const list = (item: z.ZodType<string, string>) =>
  z
    .string()
    .transform((text) =>
      text
        .split(',')
        .map((part) => part.trim())
        .filter((part) => part !== ''),
    )
    .pipe(z.array(item));

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
  workers: count(0, 64).default(0).describe('Encoder worker processes; 0: one per CPU core'),
  windowTokens: count(16, 512)
    .default(128)
    .describe('Longest piece of text the encoder reads at once, tokens'),
  maxTokens: count(16, 1_000_000)
    .default(4_096)
    .describe('Tokens read of one text; the rest is cut, and the answer says so'),
  host: z.string().min(1).default('127.0.0.1').describe('Address the server listens on'),
  port: count(0, 65_535).default(8080).describe('Port the server listens on; 0: any free one'),
  bodyLimit: count(1_024, 2 ** 30)
    .default(2_000_000)
    .describe('Longest request body, bytes'),
  headerLimit: count(1_024, 2 ** 20)
    .default(16_384)
    .describe('Longest request headers, bytes'),
  maxTexts: count(1, 10_000).default(64).describe('Most texts in one request'),
  receiveTimeout: count(100, 600_000).default(10_000).describe('Longest time for a request to arrive, ms'),
  deadline: count(10, 600_000)
    .default(10_000)
    .describe('Longest wait in the queue before a request is refused, ms'),
  inferenceTimeout: count(100, 600_000)
    .default(30_000)
    .describe('Longest encoder batch before its worker is replaced, ms'),
  drainTimeout: count(0, 600_000)
    .default(10_000)
    .describe('Longest wait for answers under way at shutdown, ms'),
  queueTexts: count(1, 1_000_000).default(256).describe('Most texts waiting; more are refused with 429'),
  queueTokens: count(1, 2 ** 30)
    .default(262_144)
    .describe('Most tokens waiting; more are refused with 429'),
  batchTokens: count(1, 2 ** 20)
    .default(1_024)
    .describe('Most tokens sent to a worker at once; a longer text goes alone'),
  batchWait: count(0, 1_000).default(4).describe('Longest wait for a batch to fill, ms'),
  cacheTexts: count(0, 10_000_000)
    .default(4_096)
    .describe('Vectors kept in memory by the server, texts; 0: none'),
  blockRows: count(1, 100_000).default(256).describe('Rows of bulk work that are answered together'),
  redisUrl: z
    .string()
    .regex(/^rediss?:\/\/\S+$/, 'must begin with redis:// or rediss:// (TLS)')
    .default('redis://127.0.0.1:6379')
    .describe('Redis of the distributed queue; `rediss://` for TLS'),
  redisUsername: z.string().default('').describe('Redis user; empty: the default user'),
  redisPassword: z.string().default('').describe('Redis password; set it in the environment, not as a flag'),
  redisCaFile: z
    .string()
    .default('')
    .describe('PEM file of the authority that signed the certificate of Redis; empty: those of the system'),
  queueName: z
    .string()
    .regex(/^[\w.-]+$/, 'may hold letters, digits, points, hyphens and underscores')
    .default('rasid')
    .describe('Name before all keys in Redis: queues of different names do not meet'),
  jobAttempts: count(1, 100)
    .default(5)
    .describe('Attempts at a block of the queue before its rows are tried apart'),
  apiKeys: list(keyHash)
    .default([])
    .describe('sha256 of each API key, comma-separated; empty: no key is asked for'),
  adminKey: z
    .union([z.literal(''), keyHash])
    .default('')
    .describe('sha256 of the admin key; empty: admin paths are off'),
  corsOrigins: list(z.url())
    .default([])
    .describe('Origins that browsers may call from, comma-separated; empty: none'),
  rateLimit: count(0, 1_000_000).default(0).describe('Requests a minute per key or address; 0: no limit'),
  trustProxy: count(0, 16)
    .default(0)
    .describe('Reverse proxies in front whose forwarded addresses are believed'),
  logLevel: z
    .enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'])
    .default('info')
    .describe('Least severe log line that is written'),
  logTexts: z.stringbool().default(false).describe('Whether logs may hold the texts of requests'),
});

export type Config = z.infer<typeof configSchema>;
export type ConfigKey = keyof Config;

/** Every setting's key, in the order of the table. */
export const CONFIG_KEYS = Object.keys(configSchema.shape) as readonly ConfigKey[];
const words = (key: string) => key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** `modelFolder` → `RASID_MODEL_FOLDER` */
export const environmentName = (key: ConfigKey) => `RASID_${words(key).replaceAll('-', '_').toUpperCase()}`;
/** `modelFolder` → `model-folder` */
export const flagName = (key: ConfigKey) => words(key);

/** Edits (insert, delete, replace a character) that turn `a` into `b` (Levenshtein 1966). */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}

/** The candidate most like `name`, if any is near enough to be what was meant (a third of its letters differ at most). */
export function nearest(name: string, candidates: Iterable<string>): string | undefined {
  const ranked = [...candidates].map((candidate) => ({ candidate, distance: editDistance(name, candidate) }));
  ranked.sort((a, b) => a.distance - b.distance);
  const best = ranked[0];
  return best !== undefined && best.distance <= Math.max(1, name.length / 3) ? best.candidate : undefined;
}

/**
 * Settings from flags over environment variables over defaults.
 * @throws RasidError `config-invalid` naming the setting at fault; unknown `RASID_*` variables are refused.
 */
export function loadConfig(
  flags: Partial<Record<ConfigKey, string>> = {},
  environment: Record<string, string | undefined> = process.env,
): Config {
  const named = new Map(CONFIG_KEYS.map((key) => [environmentName(key), key]));
  const values: Record<string, string> = {};
  for (const [name, value] of Object.entries(environment)) {
    if (!name.startsWith('RASID_') || value === undefined) continue;
    const key = named.get(name);
    if (key === undefined) {
      const close = nearest(name, named.keys());
      throw new RasidError('config-invalid', `${name}: no such setting`, {
        hint: close === undefined ? 'The README lists all settings.' : `Did you mean ${close}?`,
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

/** The default of a setting, and what it means. */
export function describeSetting(key: ConfigKey): { value: unknown; description: string } {
  const field = configSchema.shape[key];
  return { value: field.parse(undefined), description: field.description ?? '' };
}

/** The Markdown table of all settings that the README holds. */
export function settingsTable(): string {
  const rows = CONFIG_KEYS.map((key) => {
    const { value, description } = describeSetting(key);
    const shown = Array.isArray(value) ? value.join(',') : String(value);
    return `| \`--${flagName(key)}\` | \`${environmentName(key)}\` | ${shown === '' ? '' : `\`${shown}\``} | ${description} |`;
  });
  return ['| flag | environment variable | default | meaning |', '|---|---|---|---|', ...rows].join('\n');
}
