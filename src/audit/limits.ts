/** `--fail-on`: which rules a corpus must keep. */

import { nearest } from '../config.ts';
import { RasidError } from '../errors.ts';
import { type AuditReport, RULE_NAMES, type Rule } from './report.ts';

/** Most findings allowed of each rule. */
export type Limits = ReadonlyMap<Rule, number>;

/**
 * Reads `duplicates,leakage,label-errors=40`: rules with the findings that are allowed, none where no number is given.
 * @throws RasidError `usage`.
 */
export function parseLimits(text: string): Limits {
  return new Map(
    text.split(',').map((part) => {
      const [name = '', count = '0', ...rest] = part.trim().split('=');
      if (!RULE_NAMES.includes(name as Rule)) {
        const close = nearest(name, RULE_NAMES);
        throw new RasidError(
          'usage',
          `--fail-on ${name}: no such rule; ${close === undefined ? `there are ${RULE_NAMES.join(', ')}` : `did you mean ${close}?`}`,
        );
      }
      if (rest.length > 0 || !/^\d+$/.test(count))
        throw new RasidError('usage', `--fail-on ${part}: write ${name} or ${name}=<findings allowed>`);
      return [name as Rule, Number(count)] as const;
    }),
  );
}

/** One line for each rule that is broken. A rule that was not looked for counts as broken: silence is no proof. */
export function brokenRules({ findings }: AuditReport, limits: Limits): string[] {
  return [...limits].flatMap(([rule, most]) => {
    const count = findings[rule]?.length;
    if (count === undefined) return [`${rule}: was not looked for`];
    return count > most ? [`${rule}: ${count} findings, ${most} allowed`] : [];
  });
}
