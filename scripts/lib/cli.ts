/**
 * What every command shares: `--help`, flags for settings, exit codes, Ctrl-C.
 *
 * Exit codes: 0 done; 1 the work failed (one or two lines say why, never a stack trace of bad input); 2 the command was
 * called wrongly (one line); 3 all is done, but some of the input was set aside (bulk: the rejects); 130 interrupted.
 */

import { parseArgs } from 'node:util';
import {
  type Config,
  type ConfigKey,
  describeSetting,
  environmentName,
  flagName,
  loadConfig,
  nearest,
} from '../../src/config.ts';
import { RasidError } from '../../src/errors.ts';

/** A flag of one command, beside the settings it takes. */
export interface OptionSpec {
  type: 'string' | 'boolean';
  /** May be given several times; the value is then a list. */
  multiple?: boolean;
  short?: string;
  /** Placeholder of the value in the help, e.g. `file`. */
  value?: string;
  description: string;
}

type OptionValue<S extends OptionSpec> = S extends { multiple: true }
  ? string[]
  : S['type'] extends 'boolean'
    ? boolean
    : string | undefined;
/** Strings are undefined, booleans false and lists empty where the flag was not given. */
export type OptionValues<O extends Record<string, OptionSpec>> = { [K in keyof O]: OptionValue<O[K]> };

export interface CommandContext<O extends Record<string, OptionSpec>> {
  config: Config;
  options: OptionValues<O>;
  positionals: string[];
  /** Aborted at the first Ctrl-C or SIGTERM: stop soon, leave what stood there before, and let the promise settle. */
  signal: AbortSignal;
  /** Sets how long the command may take to tidy up once it is interrupted, ms. */
  setGrace: (ms: number) => void;
  /** A line to standard output. */
  print: (line: string) => void;
  /** A line to standard error: warnings, and what was skipped or substituted. */
  warn: (line: string) => void;
}

export interface Command<O extends Record<string, OptionSpec>> {
  /** As typed after `npm run`, e.g. `train`. */
  name: string;
  /** One sentence. */
  summary: string;
  /** Settings that this command takes as flags. All others come from the environment. */
  settings?: readonly ConfigKey[];
  /** Names in kebab-case, e.g. `fail-on`. */
  options?: O;
  /** How positional arguments are shown in the help, e.g. `[text…]`. None are taken where it is left out. */
  positionals?: string;
  /** Resolves to an exit code where it is not 0. */
  run: (context: CommandContext<O>) => Promise<number | undefined> | Promise<void>;
}

export interface CommandEnvironment {
  argv: readonly string[];
  env: Record<string, string | undefined>;
  stdout: (text: string) => void;
  stderr: (text: string) => void;
  signal: AbortSignal;
  setGrace?: (ms: number) => void;
}

/** Time that an interrupted command has to tidy up unless it asks for more, ms. */
const INTERRUPT_GRACE = 5_000;

function helpText<O extends Record<string, OptionSpec>>(command: Command<O>): string {
  const rows: [string, string][] = Object.entries<OptionSpec>(command.options ?? {}).map(([name, spec]) => [
    `${spec.short ? `-${spec.short}, ` : ''}--${name}${spec.type === 'string' ? ` <${spec.value ?? 'value'}>` : ''}`,
    spec.description,
  ]);
  for (const key of command.settings ?? []) {
    const { value, description } = describeSetting(key);
    rows.push([
      `--${flagName(key)} <value>`,
      `${description} [${environmentName(key)}, default: ${String(value) || 'empty'}]`,
    ]);
  }
  rows.push(['-h, --help', 'Shows this help']);
  const width = Math.max(...rows.map(([left]) => left.length));
  const usage = ['npm run', command.name, '--', '[options]', command.positionals ?? ''].join(' ').trim();
  return `${command.summary}\n\nUsage: ${usage}\n\n${rows.map(([l, r]) => `  ${l.padEnd(width)}  ${r}`).join('\n')}\n`;
}

/** Node's own message without its advice, with the nearest known flag where one was mistyped. */
function usageError(error: unknown, flags: readonly string[]): RasidError {
  const message = (error as Error).message.split(/\. |\n/)[0]!;
  const unknown = /^Unknown option '--?([^']+)'/.exec(message)?.[1];
  const close = unknown === undefined ? undefined : nearest(unknown, flags);
  return new RasidError('usage', close === undefined ? message : `${message}; did you mean --${close}?`);
}

function parse<O extends Record<string, OptionSpec>>(command: Command<O>, argv: readonly string[]) {
  const own = Object.entries<OptionSpec>(command.options ?? {});
  const settings = (command.settings ?? []).map((key) => [flagName(key), key] as const);
  const options = Object.fromEntries<{ type: 'string' | 'boolean'; multiple?: boolean; short?: string }>([
    ...settings.map(([flag]) => [flag, { type: 'string' as const }] as const),
    ...own.map(
      ([name, { type, multiple = false, short }]) =>
        [name, { type, multiple, ...(short ? { short } : {}) }] as const,
    ),
    ['help', { type: 'boolean', short: 'h' }],
  ]);
  let parsed: { values: Record<string, unknown>; positionals: string[] };
  try {
    parsed = parseArgs({ args: [...argv], options, allowPositionals: command.positionals !== undefined });
  } catch (error) {
    throw usageError(error, Object.keys(options));
  }
  const { values, positionals } = parsed;
  const flags = Object.fromEntries(
    settings.flatMap(([flag, key]) => (typeof values[flag] === 'string' ? [[key, values[flag]]] : [])),
  ) as Partial<Record<ConfigKey, string>>;
  const missing = (spec: OptionSpec) => (spec.multiple ? [] : spec.type === 'boolean' ? false : undefined);
  const chosen = Object.fromEntries(
    own.map(([name, spec]) => [name, values[name] ?? missing(spec)]),
  ) as OptionValues<O>;
  return { help: values.help === true, flags, options: chosen, positionals };
}

/** What a person sees of an error: what happened, and what to do. Only a fault of rasid itself shows its stack. */
function describeError(error: unknown): string {
  if (error instanceof RasidError && error.code !== 'internal') {
    return `error: ${error.message}\n${error.hint === undefined ? '' : `  ${error.hint}\n`}`;
  }
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return `error: a fault in rasid itself; please report it with these lines\n${stack}\n`;
}

/** Runs a command in the given surroundings. @returns The exit code. */
export async function main<O extends Record<string, OptionSpec>>(
  command: Command<O>,
  { argv, env, stdout, stderr, signal, setGrace = () => {} }: CommandEnvironment,
): Promise<number> {
  try {
    const { help, flags, options, positionals } = parse(command, argv);
    if (help) {
      stdout(helpText(command));
      return 0;
    }
    let config: Config;
    try {
      config = loadConfig(flags, env);
    } catch (error) {
      if (!(error instanceof RasidError)) throw error;
      throw new RasidError(
        'usage',
        error.hint === undefined ? error.message : `${error.message}. ${error.hint}`,
      );
    }
    const print = (line: string) => stdout(`${line}\n`);
    const warn = (line: string) => stderr(`${line}\n`);
    return (await command.run({ config, options, positionals, signal, setGrace, print, warn })) ?? 0;
  } catch (error) {
    if (signal.aborted) {
      stderr('interrupted; nothing that stood there before was changed\n');
      return 130;
    }
    if (error instanceof RasidError && error.code === 'usage') {
      stderr(`${command.name}: ${error.message} (--help shows the usage)\n`);
      return 2;
    }
    stderr(describeError(error));
    return 1;
  }
}

/** Runs a command as this process: real arguments, real streams, Ctrl-C, exit code. The last line of every script. */
export async function runCommand<const O extends Record<string, OptionSpec>>(
  command: Command<O>,
): Promise<void> {
  const controller = new AbortController();
  let grace = INTERRUPT_GRACE;
  const interrupt = () => {
    if (controller.signal.aborted) process.exit(130);
    controller.abort();
    setTimeout(() => process.exit(130), grace).unref();
  };
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  // A reader that has seen enough (`| head`) is no error.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
  process.exitCode = await main(command, {
    argv: process.argv.slice(2),
    env: process.env,
    stdout: (text) => void process.stdout.write(text),
    stderr: (text) => void process.stderr.write(text),
    signal: controller.signal,
    setGrace: (ms) => {
      grace = ms;
    },
  });
  process.off('SIGINT', interrupt);
  process.off('SIGTERM', interrupt);
}

/**
 * The whole number that a flag was given, or else `fallback`.
 * @throws RasidError `usage`, where it is another thing, less than 1 or more than `most`.
 */
export function wholeNumber(
  flag: string,
  text: string | undefined,
  fallback: number,
  most = Infinity,
): number {
  const value = text === undefined ? fallback : Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= most) return value;
  const end = Number.isFinite(most) ? ` to ${most}` : '';
  throw new RasidError('usage', `${flag} takes a whole number from 1${end}`);
}
