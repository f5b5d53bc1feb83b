import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { type Command, main, type OptionSpec } from '../../../scripts/lib/cli.ts';
import { RasidError } from '../../../src/errors.ts';

async function call<O extends Record<string, OptionSpec>>(
  command: Partial<Command<O>>,
  argv: string[] = [],
  env: Record<string, string> = {},
  signal = new AbortController().signal,
) {
  let stdout = '';
  let stderr = '';
  const code = await main(
    { name: 'count', summary: 'Counts things.', run: async () => undefined, ...command },
    {
      argv,
      env,
      signal,
      stdout: (text) => {
        stdout += text;
      },
      stderr: (text) => {
        stderr += text;
      },
    },
  );
  return { code, stdout, stderr };
}

const options = {
  json: { type: 'boolean', description: 'JSON instead of a table' },
  'fail-on': { type: 'string', multiple: true, value: 'rule', description: 'Rule that must hold' },
  file: { type: 'string', short: 'f', value: 'file', description: 'File to read' },
} as const satisfies Record<string, OptionSpec>;

describe('main', () => {
  it('passes settings, options and positional arguments', async () => {
    let seen: unknown;
    const { code, stdout } = await call(
      {
        settings: ['port', 'seed'],
        options,
        positionals: '[text…]',
        run: async ({ config, options: given, positionals, print }) => {
          seen = { port: config.port, seed: config.seed, host: config.host, ...given, positionals };
          print('done');
        },
      },
      ['--port', '9', '--fail-on', 'a', '--fail-on=b', '-f', 'x.jsonl', 'one', 'two'],
      { RASID_SEED: '7', RASID_PORT: '8', RASID_HOST: '::1' },
    );
    expect(code).toBe(0);
    expect(stdout).toBe('done\n');
    expect(seen).toEqual({
      port: 9,
      seed: 7,
      host: '::1',
      json: false,
      'fail-on': ['a', 'b'],
      file: 'x.jsonl',
      positionals: ['one', 'two'],
    });
  });

  it('shows every flag, its default and its variable with --help', async () => {
    const { code, stdout } = await call({ settings: ['port'], options, positionals: '[text…]' }, [
      '--help',
      '--json',
    ]);
    expect(code).toBe(0);
    for (const part of [
      'Counts things.',
      '[text…]',
      '--port',
      '8080',
      'RASID_PORT',
      '--fail-on <rule>',
      '-f, --file',
    ]) {
      expect(stdout).toContain(part);
    }
  });

  it.each([
    ['an unknown flag', ['--fial-on', 'x'], /--fial-on.*did you mean --fail-on/],
    ['a flag without its value', ['--file'], /--file/],
    ['an argument too many', ['text'], /text/],
    ['a setting out of range', ['--port', '-1'], /port/],
    ['a setting that is no number', ['--port', 'x'], /--port \(RASID_PORT\): must be a whole number/],
  ])('exits 2 with one line for %s', async (_, argv, message) => {
    const { code, stderr, stdout } = await call({ settings: ['port'], options }, argv);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toMatch(message);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });

  it('exits 2 for an unknown variable', async () => {
    const { code, stderr } = await call({}, [], { RASID_PROT: '1' });
    expect(code).toBe(2);
    expect(stderr).toContain('RASID_PORT');
  });

  it('exits 1 with message and hint, without a stack, for an error that rasid foresaw', async () => {
    const run = async () => {
      throw new RasidError('data-invalid', 'a.jsonl:3: text: is empty', { hint: 'Fix the line.' });
    };
    const { code, stderr } = await call({ run });
    expect(code).toBe(1);
    expect(stderr).toBe('error: a.jsonl:3: text: is empty\n  Fix the line.\n');
  });

  it('asks for a report of any other error', async () => {
    const run = async () => {
      throw new TypeError('x is undefined');
    };
    const { code, stderr } = await call({ run });
    expect(code).toBe(1);
    expect(stderr).toMatch(/fault in rasid.*\n.*x is undefined/);
  });

  it('exits with the code that the command gives', async () => {
    expect((await call({ run: async () => 1 })).code).toBe(1);
  });

  it('exits 130 when the work stopped because it was interrupted', async () => {
    const controller = new AbortController();
    const run = async ({ signal }: { signal: AbortSignal }) => {
      controller.abort();
      signal.throwIfAborted();
    };
    const { code, stderr } = await call({ run }, [], {}, controller.signal);
    expect(code).toBe(130);
    expect(stderr).toContain('interrupted');
  });
});

describe('runCommand', () => {
  it('stops at Ctrl-C with 130 after tidying up', async () => {
    const child = spawn(process.execPath, ['--import', 'tsx', 'test/fixtures/wait-for-interrupt.ts'], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    child.stdout.on('data', (chunk) => {
      stdout += chunk;
      if (stdout === 'waiting\n') child.kill('SIGINT');
    });
    const [code] = await once(child, 'close');
    expect(code).toBe(130);
    expect(stdout).toBe('waiting\ntidied up\n');
  });
});
