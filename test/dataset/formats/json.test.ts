import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatJson, parseJson } from '../../../src/dataset/formats/json.ts';

describe('parseJson and formatJson', () => {
  it('keep the digits of every integer, wherever it stands', () => {
    const integer = fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n });
    fc.assert(
      fc.property(integer, integer, fc.string(), (a, b, words) => {
        const text = `{"id":${a},"list":[${b},{"deep":${a}}],"words":${JSON.stringify(`${words} ${a}`)}}`;
        expect(formatJson(parseJson(text))).toBe(text);
      }),
    );
  });

  it('are JSON.parse and JSON.stringify for everything else', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value);
        expect(parseJson(text)).toEqual(JSON.parse(text));
        expect(formatJson(value)).toBe(text);
      }),
    );
  });

  it('leave numbers with a point or an exponent to JSON', () => {
    const text = '[12345678901234567.5, 12345678901234567890e2]';
    expect(parseJson(text)).toEqual(JSON.parse(text));
  });

  it('write bytes as Base64 and dates in ISO 8601', () => {
    const row = { bytes: Uint8Array.of(1, 2, 3), at: new Date(0), nested: { n: 1n } };
    expect(formatJson(row)).toBe('{"bytes":"AQID","at":"1970-01-01T00:00:00.000Z","nested":{"n":1}}');
  });

  it('refuse what is no JSON', () => {
    expect(() => parseJson('{"id": 12345678901234567890,}')).toThrow(SyntaxError);
  });
});
