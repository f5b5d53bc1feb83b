import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { run } from './run.ts';

const EXAMPLE = 'data/examples/services';

describe('another taxonomy', () => {
  it('is trained and used by the same commands', { timeout: 120_000 }, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'rasid-own-'));
    const env = {
      RASID_DATA_FILE: join(EXAMPLE, 'articles.jsonl'),
      RASID_TAXONOMY_FILE: join(EXAMPLE, 'taxonomy.json'),
      RASID_MODEL_FOLDER: join(folder, 'model'),
    };

    const trained = await run('train', [], { env });
    const { stdout } = await run(
      'predict',
      ['سلك كهرباء مكشوف والأطفال بجانبه، أنقذونا فوراً', 'أرجو معرفة موعد قراءة عداد الماء'],
      { env },
    );

    expect(trained.stderr + trained.stdout).toContain('saved');
    const [wire, meter] = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).heads);
    expect(wire.urgency.accepted.id).toBe('urgent');
    expect(meter.urgency.accepted.id).toBe('routine');
    expect(Object.keys(wire.service.scores)).toEqual(['water', 'electricity', 'roads', 'waste']);
    expect(wire.service.scores.electricity).toBeGreaterThan(meter.service.scores.electricity);
    expect(meter.service.scores.water).toBeGreaterThan(wire.service.scores.water);
  });
});
