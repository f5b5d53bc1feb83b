import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { saveVersion } from '../../src/classifier/store.ts';
import { toyBundle, trainToy } from '../classifier/toy-bundle.ts';
import { run } from './run.ts';

let store: string;
let names: string[];
const models = (...argv: string[]) => run('models', ['--model-folder', store, ...argv]);

beforeAll(async () => {
  store = join(await mkdtemp(join(tmpdir(), 'rasid-models-')), 'classifier');
  const trained = await trainToy();
  names = [];
  for (const bestEpoch of [1, 2, 3]) {
    const { name } = await saveVersion(store, toyBundle(trained, { bestEpoch }), {
      'README.md': `# Card of epoch ${bestEpoch}\n`,
    });
    names.push(name);
  }
});

describe('npm run models', () => {
  it('lists the versions and marks the current and the previous one', async () => {
    const { code, stdout } = await models();

    expect(code).toBe(0);
    const lines = stdout.trimEnd().split('\n');
    expect(lines).toHaveLength(4);
    for (const [i, mark] of ['  ', '- ', '* '].entries()) expect(lines[i]).toContain(`${mark}${names[i]}`);
  });

  it('shows a card and what differs', async () => {
    expect((await models('show', '2')).stdout).toContain('Card of epoch 2');
    expect((await models('diff', '1', 'current')).stdout.trim()).toBe('training bestEpoch: 1 → 3');
  });

  it('goes back to the previous version, and prunes the others', async () => {
    await models('use', 'previous');
    expect((await models('list')).stdout).toContain(`* ${names[1]}`);

    expect((await models('prune', '--keep', '1')).stdout.trim()).toBe(`removed ${names[0]}`);
    expect((await models('list')).stdout).not.toContain(names[0]!);
  });

  it.each([
    [['burn'], 2, 'no such action'],
    [['use'], 2, 'use takes 1 version'],
    [['prune', '--keep', 'all'], 2, 'whole number'],
    [['use', '99'], 1, 'no such version'],
  ])('refuses %j', async (argv, code, message) => {
    const refused = await models(...argv);

    expect(refused.code).toBe(code);
    expect(refused.stderr).toContain(message);
  });
});
