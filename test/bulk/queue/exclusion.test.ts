import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { createExclusion } from '../../../src/bulk/queue/exclusion.ts';

it('runs work beside other work, but never beside work that must be alone', async () => {
  const { together, alone } = createExclusion();
  const log: string[] = [];
  const step = (name: string) => async () => {
    log.push(`${name} begins`);
    await delay(5);
    log.push(`${name} ends`);
  };

  await Promise.all([
    together(step('a')),
    together(step('b')),
    alone(step('C')),
    alone(step('D')),
    together(step('e')),
    together(step('f')),
  ]);

  expect(log.join(', ')).toBe(
    'a begins, b begins, a ends, b ends, C begins, C ends, D begins, D ends, e begins, f begins, e ends, f ends',
  );
});

it('goes on after work that fails', async () => {
  const { together, alone } = createExclusion();
  const failing = () => Promise.reject(new Error('broken'));

  const outcomes = await Promise.allSettled([
    together(failing),
    alone(failing),
    together(async () => 'done'),
  ]);

  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled']);
});
