/** One line a bar: what was measured, and whether it is met. */

export interface Report {
  (what: string, value: number, relation: '≥' | '≤', bar: number): void;
  missed(): number;
}

export function createReport(print: (line: string) => void): Report {
  let missed = 0;
  const report = (what: string, value: number, relation: '≥' | '≤', bar: number) => {
    const isMet = relation === '≥' ? value >= bar : value <= bar;
    if (!isMet) missed += 1;
    const shown = Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3);
    print(`${isMet ? 'met   ' : 'MISSED'}  ${what}: ${shown} (${relation} ${bar})`);
  };
  return Object.assign(report, { missed: () => missed });
}
