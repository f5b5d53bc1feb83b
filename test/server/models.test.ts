import { createHash } from 'node:crypto';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { memory } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundleFolder } from '../../src/classifier/store.ts';
import { bodyOf, expectProblem, type Harness, start, TEXT } from './harness.ts';

const ADMIN = { authorization: 'Bearer admin' };
let folder: string;
let server: Harness;

beforeAll(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'rasid-models-')), 'classifier');
  await cp(await bundleFolder('models/classifier'), folder, { recursive: true });
  server = await start({
    modelFolder: folder,
    adminKey: createHash('sha256').update('admin').digest('hex'),
  });
});
afterAll(async () => {
  await server.stop();
  await rm(join(folder, '..'), { recursive: true });
});

const reload = () => server.post('/admin/reload', '', ADMIN);
const rollback = () => server.post('/admin/rollback', '', ADMIN);
const manifest = () => join(folder, 'bundle.json');
/** The same classifier with another threshold: another version. */
async function changeModel(minimumSimilarity: number): Promise<void> {
  const bundle = JSON.parse(
    await readFile(join(await bundleFolder('models/classifier'), 'bundle.json'), 'utf8'),
  );
  await writeFile(manifest(), JSON.stringify({ ...bundle, minimumSimilarity }));
}
const modelOf = async () => (await bodyOf(await server.classify({ text: TEXT }))).model;

describe('reload', () => {
  it('of the same files changes nothing', async () => {
    expect(await bodyOf(await reload())).toMatchObject({ changed: false, model: await modelOf() });
  });

  it('switches to a new version without a failed request, and back again', async () => {
    const first = await modelOf();
    await changeModel(-1);
    let asking = true;
    const statuses: number[] = [];
    const clients = Array.from({ length: 4 }, async (_, client) => {
      for (let i = 0; asking; i++)
        statuses.push((await server.classify({ text: `${TEXT} ${client} ${i}` })).status);
    });

    const switched = await bodyOf(await reload());
    expect(switched).toMatchObject({ changed: true, previous: first });
    expect(await modelOf()).toBe(switched.model);
    expect(await bodyOf(await rollback())).toMatchObject({ model: first, previous: switched.model });
    expect(await modelOf()).toBe(first);
    asking = false;
    await Promise.all(clients);

    expect(statuses.length).toBeGreaterThan(4);
    expect(new Set(statuses)).toEqual(new Set([200]));
  });

  it.each([
    ['damaged', async () => writeFile(manifest(), '{')],
    ['missing', async () => rm(manifest(), { force: true })],
    ['cut short', async () => writeFile(join(folder, 'network.bin'), 'x')],
  ])('refuses a bundle that is %s, and serves on with the old one', async (_what, damage) => {
    const before = await modelOf();
    await changeModel(-0.5);
    await damage();

    const problem = await expectProblem(await reload(), 500, 'reload-failed');

    expect(problem.detail).toMatch(/bundle-(corrupt|missing)/);
    expect(JSON.stringify(problem)).not.toContain(folder);
    expect(await modelOf()).toBe(before);
    expect((await server.get('/ready')).status).toBe(200);
    await cp(await bundleFolder('models/classifier'), folder, { recursive: true });
  });

  it('leaves no tensor behind, however often', async () => {
    const counts: number[] = [];
    for (const similarity of [-0.9, -0.8, -0.7, -0.6]) {
      await changeModel(similarity);
      expect((await reload()).status).toBe(200);
      counts.push(memory().numTensors);
    }

    expect(new Set(counts.slice(1)).size).toBe(1);
  });

  it('is off without an admin key', async () => {
    const open = await start();
    await expectProblem(await open.post('/admin/reload', ''), 403, 'forbidden');
    await open.stop();
  });
});
