/** A corpus as the audit sees it: the articles that are sound, and the lines that are not. */

import { type Article, articleSchema, articleText } from '../dataset/article.ts';
import type { ReadOptions } from '../dataset/formats/item.ts';
import { readJsonLines } from '../dataset/formats/json-lines.ts';
import { hashWords } from '../dataset/shingles.ts';
import { firstIssue, type Taxonomy } from '../dataset/taxonomy.ts';
import { RasidError } from '../errors.ts';
import type { Finding } from './report.ts';

export interface Corpus {
  articles: Article[];
  /** Title and text of each article. */
  texts: string[];
  /** A hash of each word of each text, in order. */
  words: Uint32Array[];
  invalid: Finding[];
}

export function createCorpus(articles: Article[], invalid: Finding[] = []): Corpus {
  const texts = articles.map(articleText);
  return { articles, texts, words: texts.map(hashWords), invalid };
}

/**
 * Reads a corpus line by line. A line at fault is a finding, not the end.
 * @throws RasidError `file-unreadable`, or `data-empty` where no line is sound.
 */
export async function readCorpus(
  path: string,
  taxonomy: Taxonomy,
  options: ReadOptions = {},
): Promise<Corpus> {
  const schema = articleSchema(taxonomy);
  const articles: Article[] = [];
  const lines = new Map<string, number>();
  const invalid: Finding[] = [];
  const refuse = (row: number | undefined, reason: string, ids: string[] = []) =>
    invalid.push({ ids, message: row === undefined ? reason : `line ${row}: ${reason}`, details: { row } });
  for await (const item of readJsonLines(path, options)) {
    if (item.kind === 'problem') refuse(item.row, item.reason);
    if (item.kind !== 'row') continue;
    const parsed = schema.safeParse(item.fields);
    if (!parsed.success) {
      refuse(item.row, firstIssue(parsed.error));
      continue;
    }
    const { id } = parsed.data;
    const first = lines.get(id);
    if (first !== undefined) {
      refuse(item.row, `id ${JSON.stringify(id)} stands in line ${first} already`, [id]);
      continue;
    }
    lines.set(id, item.row);
    articles.push(parsed.data);
  }
  if (articles.length === 0) {
    throw new RasidError('data-empty', `${path}: holds no valid record`, {
      hint: invalid[0]?.message ?? 'The file is empty.',
    });
  }
  return createCorpus(articles, invalid);
}
