import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type EncoderSource, locateEncoder } from '../../src/encoder/locate.ts';

const NAME = 'someone/some-encoder';
let hub: Server;
let hubUrl: string;
let folder: string;
let asked: string[];
/** What the hub does with a file: by default it serves the one in models/encoder. */
let misbehave: (path: string) => 'missing' | 'cut short' | 'broken' | undefined;

beforeAll(async () => {
  // The layout of a model hub: /owner/model/resolve/main/path/of/file
  hub = createServer(async (request, response) => {
    const path = request.url!.replace(`/${NAME}/resolve/main/`, '');
    asked.push(path);
    const fault = misbehave(path);
    if (fault === 'missing') return response.writeHead(404).end();
    if (fault === 'broken') return response.writeHead(503).end();
    const content = await readFile(join('models/encoder', path));
    response.writeHead(200, { 'content-length': content.length });
    if (fault === 'cut short') return response.write(content.subarray(0, 100), () => response.destroy());
    return response.end(content);
  });
  await new Promise<void>((resolve) => hub.listen(0, '127.0.0.1', resolve));
  hubUrl = `http://127.0.0.1:${(hub.address() as AddressInfo).port}`;
});
afterAll(() => new Promise((resolve) => hub.close(resolve)));
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rasid-hub-'));
  asked = [];
  misbehave = () => undefined;
});

const source = (changes: Partial<EncoderSource> = {}): EncoderSource => ({
  encoder: NAME,
  dtype: 'q8',
  prefix: 'query: ',
  pooling: 'mean',
  windowTokens: 256,
  maxTokens: 4_096,
  hubUrl,
  cacheFolder: folder,
  ...changes,
});

describe('locateEncoder with a hub name', () => {
  it('downloads the files with progress, and names the encoder by its weights', async () => {
    const progress: [string, number, number][] = [];
    const onDownload = (...entry: [string, number, number]) => void progress.push(entry);

    const { identity, folder: found } = await locateEncoder(source({ onDownload }));

    const weights = await readFile('models/encoder/onnx/model_quantized.onnx');
    expect(identity).toMatchObject({
      name: NAME,
      dim: 384,
      prefix: 'query: ',
      weights: createHash('sha256').update(weights).digest('hex'),
    });
    expect(weights.equals(await readFile(join(found, 'onnx/model_quantized.onnx')))).toBe(true);
    expect(progress.at(-1)).toEqual(['onnx/model_quantized.onnx', weights.length, weights.length]);
  });

  it('asks the hub once: the second time the cache answers', async () => {
    await locateEncoder(source());
    const first = asked.length;

    await locateEncoder(source({ hubUrl: 'http://127.0.0.1:1' }));

    expect(asked).toHaveLength(first);
  });

  it('says that the hub does not answer, and what to do', async () => {
    await expect(locateEncoder(source({ hubUrl: 'http://127.0.0.1:1' }))).rejects.toMatchObject({
      code: 'hub-unreachable',
      message: expect.stringContaining(`${NAME}/resolve/main/`),
      hint: expect.stringContaining('local folder'),
    });
  });

  it('says that the hub has no such file', async () => {
    misbehave = (path) => (path.endsWith('.onnx') ? 'missing' : undefined);

    await expect(locateEncoder(source())).rejects.toMatchObject({
      code: 'encoder-missing',
      message: expect.stringContaining('model_quantized.onnx'),
    });
  });

  it.each(['cut short', 'broken'] as const)(
    'keeps nothing of a download that is %s, and recovers',
    async (fault) => {
      misbehave = (path) => (path.endsWith('.onnx') ? fault : undefined);
      await expect(locateEncoder(source())).rejects.toMatchObject({ code: 'hub-unreachable' });

      misbehave = () => undefined;
      const { identity } = await locateEncoder(source());

      expect(identity.dim).toBe(384);
    },
  );
});

describe('locateEncoder with a folder', () => {
  it('refuses a folder that lacks a file, by name', async () => {
    for (const name of ['config.json', 'tokenizer.json', 'tokenizer_config.json'])
      await writeFile(join(folder, name), await readFile(join('models/encoder', name)));

    await expect(locateEncoder(source({ encoder: folder }))).rejects.toMatchObject({
      code: 'encoder-missing',
      message: expect.stringContaining('model_quantized.onnx'),
    });
  });

  it('refuses what is neither folder nor hub name', async () => {
    await rm(folder, { recursive: true });

    await expect(locateEncoder(source({ encoder: '/no/such/folder' }))).rejects.toMatchObject({
      code: 'encoder-missing',
    });
  });

  it('refuses a window longer than the positions of the encoder', async () => {
    await expect(
      locateEncoder(source({ encoder: 'models/encoder', windowTokens: 513 })),
    ).rejects.toMatchObject({ code: 'config-invalid', message: expect.stringContaining('512 positions') });
  });
});
