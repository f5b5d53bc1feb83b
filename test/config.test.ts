import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  CONFIG_KEYS,
  describeSetting,
  environmentName,
  flagName,
  loadConfig,
  nearest,
  settingsTable,
} from '../src/config.ts';
import { RasidError } from '../src/errors.ts';

const failure = (run: () => unknown): RasidError => {
  try {
    run();
  } catch (error) {
    if (error instanceof RasidError) return error;
  }
  throw new Error('no RasidError was thrown');
};

describe('loadConfig', () => {
  it('has a default for every setting', () => {
    expect(loadConfig({}, {})).toMatchObject({
      host: '127.0.0.1',
      port: 8080,
      windowTokens: 128,
      apiKeys: [],
    });
  });

  it('puts flags over the environment', () => {
    const config = loadConfig({ port: '9000' }, { RASID_PORT: '8000', RASID_HOST: '::1' });
    expect(config).toMatchObject({ port: 9000, host: '::1' });
  });

  it('ignores variables of other programs', () => {
    expect(loadConfig({}, { PORT: '1', HOME: '/' }).port).toBe(8080);
  });

  it('refuses an unknown variable and names the nearest', () => {
    const error = failure(() => loadConfig({}, { RASID_MODEL_FODLER: 'x' }));
    expect(error).toMatchObject({ code: 'config-invalid', hint: 'Did you mean RASID_MODEL_FOLDER?' });
  });

  it.each([
    ['RASID_PORT', '70000'],
    ['RASID_PORT', ''],
    ['RASID_PORT', '80.5'],
    ['RASID_PORT', 'http'],
    ['RASID_BACKEND', 'gpu'],
    ['RASID_API_KEYS', 'secret'],
    ['RASID_REDIS_URL', 'localhost'],
    ['RASID_LOG_TEXTS', 'perhaps'],
  ])('refuses %s=%s by its name', (name, value) => {
    const error = failure(() => loadConfig({}, { [name]: value }));
    expect(error.code).toBe('config-invalid');
    expect(error.message).toContain(name);
  });

  it('reads lists and switches', () => {
    const hash = 'a'.repeat(64);
    const config = loadConfig({}, { RASID_API_KEYS: `${hash}, ${hash}`, RASID_LOG_TEXTS: 'true' });
    expect(config.apiKeys).toEqual([hash, hash]);
    expect(config.logTexts).toBe(true);
  });
});

describe('names', () => {
  it('derives flag and environment variable from the key', () => {
    expect(flagName('modelFolder')).toBe('model-folder');
    expect(environmentName('modelFolder')).toBe('RASID_MODEL_FOLDER');
  });

  it('gives every setting names of its own', () => {
    expect(new Set(CONFIG_KEYS.map(flagName)).size).toBe(CONFIG_KEYS.length);
  });
});

describe('nearest', () => {
  it('finds a word with one letter wrong', () => {
    const words = ['threshold', 'taxonomy-file', 'help'];
    fc.assert(
      fc.property(fc.constantFrom(...words), fc.nat(), (word, at) => {
        const i = at % word.length;
        expect(nearest(`${word.slice(0, i)}#${word.slice(i + 1)}`, words)).toBe(word);
      }),
    );
  });

  it('finds nothing for a word unlike all others', () => {
    expect(nearest('zzzzzz', ['host', 'port'])).toBeUndefined();
  });
});

describe('settingsTable', () => {
  it('is what the README holds between its markers', () => {
    const readme = readFileSync('README.md', 'utf8');
    const held = /<!-- settings:begin -->\n([\s\S]*)\n<!-- settings:end -->/.exec(readme)?.[1];
    expect(held?.trim()).toBe(settingsTable());
  });

  it('describes every setting', () => {
    for (const key of CONFIG_KEYS) expect(describeSetting(key).description, key).not.toBe('');
  });
});
