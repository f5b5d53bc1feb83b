import { z } from 'zod';
import { writeAnswer } from '../src/classifier/answer.ts';
import { openPipeline } from '../src/classifier/pipeline.ts';
import { articleText } from '../src/dataset/article.ts';
import { readBytes, readLines, readRecords } from '../src/dataset/jsonl.ts';
import { RasidError } from '../src/errors.ts';
import { runCommand } from './lib/cli.ts';

/** Texts classified together: enough to fill the workers, few enough to answer a stream as it comes. */
const GROUP = 64;

const recordSchema = z.looseObject({
  id: z.union([z.string(), z.number()]).optional(),
  text: z.string({ error: 'is missing or no text' }).min(1, 'is empty'),
  title: z.string().optional(),
});

interface Input {
  id: string | number;
  text: string;
}

async function* fromFile(path: string): AsyncGenerator<Input> {
  for await (const { number, record } of readRecords(readBytes(path), path, recordSchema)) {
    const text = articleText({
      text: record.text,
      ...(record.title === undefined ? {} : { title: record.title }),
    });
    yield { id: record.id ?? number, text };
  }
}

async function* fromStandardInput(): AsyncGenerator<Input> {
  for await (const { number, text } of readLines(
    process.stdin as AsyncIterable<Uint8Array>,
    'standard input',
  )) {
    if (text.trim() !== '') yield { id: number, text };
  }
}

async function* fromArguments(texts: string[]): AsyncGenerator<Input> {
  for (const [i, text] of texts.entries()) yield { id: i + 1, text };
}

await runCommand({
  name: 'predict',
  summary:
    'Classifies texts: arguments, a JSONL file with a field "text", or the lines of standard input. Prints JSONL.',
  positionals: '[text…]',
  settings: ['modelFolder', 'encoder', 'encoderDtype', 'backend', 'workers'],
  options: {
    file: {
      type: 'string',
      value: 'file',
      description: 'JSONL file; each record has a text, and may have an id and a title',
    },
    explain: { type: 'boolean', description: 'Adds what each sentence did for the accepted labels' },
  },
  async run({ config, options, positionals, signal, print }) {
    if (options.file !== undefined && positionals.length > 0) {
      throw new RasidError('usage', 'give texts as arguments or with --file, not both');
    }
    if (options.file === undefined && positionals.length === 0 && process.stdin.isTTY) {
      throw new RasidError('usage', 'no text given: as an argument, with --file, or on standard input');
    }
    const inputs =
      options.file !== undefined
        ? fromFile(options.file)
        : positionals.length > 0
          ? fromArguments(positionals)
          : fromStandardInput();
    const pipeline = await openPipeline(config);
    try {
      let group: Input[] = [];
      const flush = async () => {
        const answers = await pipeline.classify(
          group.map(({ text }) => text),
          { signal, explain: options.explain },
        );
        for (const [i, answer] of answers.entries()) {
          print(JSON.stringify({ id: group[i]!.id, ...writeAnswer(answer, pipeline) }));
        }
        group = [];
      };
      for await (const input of inputs) {
        group.push(input);
        if (group.length === GROUP) await flush();
      }
      if (group.length > 0) await flush();
    } finally {
      await pipeline.close();
    }
  },
});
