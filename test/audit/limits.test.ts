import { describe, expect, it } from 'vitest';
import { brokenRules, parseLimits } from '../../src/audit/limits.ts';
import type { AuditReport, Finding } from '../../src/audit/report.ts';

const finding: Finding = { ids: ['a'], message: 'x' };
const report = { findings: { duplicates: [], leakage: [finding, finding] } } as unknown as AuditReport;

describe('parseLimits', () => {
  it('reads rules with and without a number', () => {
    expect([...parseLimits('duplicates, leakage=3')]).toEqual([
      ['duplicates', 0],
      ['leakage', 3],
    ]);
  });

  it.each([
    ['leakge', /did you mean leakage/],
    ['', /no such rule/],
    ['leakage=many', /leakage=<findings allowed>/],
    ['leakage=1=2', /leakage=<findings allowed>/],
  ])('refuses %j', (text, message) => {
    expect(() => parseLimits(text)).toThrow(message);
  });
});

describe('brokenRules', () => {
  it('names the rules with more findings than are allowed, and those not looked for', () => {
    expect(brokenRules(report, parseLimits('duplicates,leakage=2'))).toEqual([]);
    expect(brokenRules(report, parseLimits('duplicates,leakage=1,label-errors'))).toEqual([
      'leakage: 2 findings, 1 allowed',
      'label-errors: was not looked for',
    ]);
  });
});
