import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { describeReadError, describeWriteError, ERRORS, errorsTable, RasidError } from '../src/errors.ts';

const systemError = (code: string) => Object.assign(new Error(code), { code });

describe('RasidError', () => {
  it('carries the status of its code, a hint and details', () => {
    const error = new RasidError('body-too-large', 'body of 9 bytes', {
      hint: 'Send less.',
      details: { limit: 8 },
    });
    expect(error).toMatchObject({
      code: 'body-too-large',
      status: 413,
      hint: 'Send less.',
      details: { limit: 8 },
    });
    expect(error).toBeInstanceOf(Error);
  });
});

describe('ERRORS', () => {
  it('names codes in kebab-case, with an HTTP status and one sentence each', () => {
    for (const [code, { status, meaning }] of Object.entries(ERRORS)) {
      expect(code).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
      expect(status).toBeGreaterThanOrEqual(400);
      expect(status).toBeLessThan(600);
      expect(meaning).toMatch(/^[A-Z].*\.$/);
    }
  });

  it('is what docs/errors.md lists', () => {
    expect(readFileSync('docs/errors.md', 'utf8')).toContain(errorsTable());
  });
});

describe('describeWriteError', () => {
  it.each([
    ['ENOSPC', 'disk-full'],
    ['EDQUOT', 'disk-full'],
    ['EACCES', 'output-unwritable'],
    ['EROFS', 'output-unwritable'],
    ['ENOTDIR', 'output-unwritable'],
  ])('turns %s into %s and names the path', (system, code) => {
    expect(describeWriteError(systemError(system), 'out/model')).toMatchObject({
      code,
      message: expect.stringContaining('out/model'),
    });
  });

  it('returns anything else as it came', () => {
    const error = new RasidError('data-empty', 'nothing');
    expect(describeWriteError(error, 'x')).toBe(error);
  });
});

describe('describeReadError', () => {
  it('says that a file does not exist', () => {
    expect(describeReadError(systemError('ENOENT'), 'a.jsonl')).toMatchObject({
      code: 'file-unreadable',
      message: 'a.jsonl: does not exist',
    });
  });
});
