import { describe, expect, it } from 'vitest';
import { readLabelStudio } from '../../../src/dataset/formats/label-studio.ts';
import { file, problemsOf, readAll, rowsOf } from './read.ts';

const region = (name: string, ...choices: string[]) => ({
  from_name: name,
  to_name: 'text',
  type: 'choices',
  value: { choices },
});
const annotation = (result: unknown[], more: object = {}) => ({ result, was_cancelled: false, ...more });
const task = (id: number, annotations: unknown[]) => ({ id, data: { text: `خبر ${id} ] } "` }, annotations });

async function read(content: string) {
  const items = await readAll(readLabelStudio, await file('a.json', content));
  return { rows: rowsOf(items), problems: problemsOf(items) };
}
const readTasks = (tasks: unknown[]) => read(JSON.stringify(tasks, null, 1));

describe('readLabelStudio', () => {
  it('gives a task its data and a column for each control', async () => {
    const { rows } = await readTasks([
      task(1, [annotation([region('topics', 'Security', 'Politics'), region('tone', 'Neutral')])]),
      task(2, []),
    ]);

    expect(rows).toEqual([
      [1, { task: 1, text: 'خبر 1 ] } "', topics: ['Security', 'Politics'], tone: ['Neutral'] }],
      [2, { task: 2, text: 'خبر 2 ] } "' }],
    ]);
  });

  it('reads JSON-MIN', async () => {
    const { rows } = await readTasks([{ id: 4, text: 'خبر', topics: { choices: ['A', 'B'] }, tone: 'C' }]);

    expect(rows).toEqual([[1, { id: 4, text: 'خبر', topics: ['A', 'B'], tone: 'C' }]]);
  });

  it('takes the ground truth, or what all annotators agree on', async () => {
    const [a, b] = [region('tone', 'A'), region('tone', 'B')];

    const { rows, problems } = await readTasks([
      task(1, [annotation([a]), annotation([b], { ground_truth: true })]),
      task(2, [annotation([a]), annotation([a]), annotation([b], { was_cancelled: true })]),
      task(3, [annotation([a]), annotation([b])]),
      task(4, [annotation([a], { was_cancelled: true })]),
    ]);

    expect(rows.map(([row, { tone }]) => [row, tone])).toEqual([
      [1, ['B']],
      [2, ['A']],
    ]);
    expect(problems).toEqual([
      [3, expect.stringContaining('differ')],
      [4, 'all annotations were skipped'],
    ]);
  });

  it('rejects an element that is damaged, and only that', async () => {
    const [one, three] = [task(1, []), task(3, [])].map((t) => JSON.stringify(t));

    const { rows, problems } = await read(`[${one}, {"id": 2, "data": oops}, ${three}, 7]`);

    expect(rows.map(([row]) => row)).toEqual([1, 3]);
    expect(problems).toEqual([
      [2, expect.stringContaining('not valid JSON')],
      [4, expect.stringContaining('no task')],
    ]);
  });

  it.each([
    ['cut short', `[${JSON.stringify(task(1, []))}, {"id": 2, "da`, 2, 'cut short', 1],
    ['an object', '{"text": "خبر"}', undefined, 'no JSON array', 0],
    ['empty', ' ', undefined, 'no JSON array', 0],
    ['two arrays', '[{"text": "خبر"}] []', undefined, 'after the end', 1],
  ])('says what is wrong with a file that is %s', async (_, content, row, reason, read_) => {
    const { rows, problems } = await read(content);

    expect(problems).toEqual([[row, expect.stringContaining(reason)]]);
    expect(rows).toHaveLength(read_);
  });

  it('reads an array longer than one chunk', async () => {
    const tasks = Array.from({ length: 2_000 }, (_, i) => task(i, [annotation([region('tone', 'A')])]));

    expect((await readTasks(tasks)).rows.map(([, fields]) => fields.task)).toEqual(tasks.map(({ id }) => id));
  });
});
