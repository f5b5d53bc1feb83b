/** The page: what the reader does, what is asked of the service, and what is shown of it. */

import { answerView, spokenVerdict } from './answer-view.js';
import { classifyAll } from './batch.js';
import { batchView } from './batch-view.js';
import { byId, element, reveal, say } from './dom.js';
import { explanationView } from './explanation-view.js';
import { listenForFiles } from './file-input.js';
import { readFiles } from './files.js';
import { initialLanguage, language, number, setLanguage, t } from './language.js';
import { clearProblem, hideKeyField, showProblem } from './problem-view.js';
import { address, classify, fetchInfo, ServiceError } from './service.js';

/** Most texts of one go; the command line has no such limit. */
const MOST_TEXTS = 5000;

const text = byId('text');
/** What is shown; rendered anew when the language changes. */
const shown = { info: undefined, examples: [], answer: undefined, batch: undefined, failure: undefined };
/** Ends the work under way: there is one at a time. */
let work = new AbortController();

/** Replaces what a part shows; focus and the place to which a table is scrolled stay. */
function render(id, children) {
  const part = byId(id);
  const focused = part.contains(document.activeElement) ? document.activeElement.id : '';
  const { scrollTop = 0, scrollLeft = 0 } = part.querySelector('.table-frame') ?? {};
  part.replaceChildren(...children);
  part.querySelector('.table-frame')?.scrollTo({ top: scrollTop, left: scrollLeft, behavior: 'instant' });
  if (focused !== '') byId(focused)?.focus({ preventScroll: true });
}

function renderAnswer() {
  const { answer } = shown;
  const hint = t(shown.batch === undefined ? 'emptyAnswer' : 'seeTable');
  const empty = element('p', { className: 'empty', textContent: hint });
  render('answer-body', answer === undefined ? [empty] : answerView({ ...answer, info: shown.info }));
  const sentences = answer?.answer.explanation ?? [];
  byId('explanation').hidden = sentences.length === 0;
  const heads = shown.info?.heads ?? [];
  render(
    'explanation-body',
    sentences.length === 0 ? [] : explanationView(sentences, answer.body.text, heads),
  );
}

function renderBatch() {
  byId('batch').hidden = shown.batch === undefined;
  const actions = { open: ({ text: opened }) => classifyText(opened), stop: () => work.abort() };
  render(
    'batch-body',
    shown.batch === undefined ? [] : batchView({ ...shown.batch, info: shown.info }, actions),
  );
}

function renderExamples() {
  const buttons = shown.examples.map(({ title, text: example }) => {
    const use = () => classifyText(example);
    return element(
      'li',
      {},
      element('button', { type: 'button', textContent: title[language()], on: { click: use } }),
    );
  });
  byId('examples').hidden = buttons.length === 0;
  render('examples-list', buttons);
}

function renderModel() {
  const model = shown.info?.model;
  const code = element('code', { textContent: String(model).slice(0, 12), dir: 'ltr' });
  byId('model').replaceChildren(...(model === undefined ? [] : [`${t('model')} `, code]));
}

function renderAll() {
  byId('language').textContent = language() === 'ar' ? 'English' : 'العربية';
  byId('language').lang = language() === 'ar' ? 'en' : 'ar';
  byId('language').dir = language() === 'ar' ? 'ltr' : 'rtl';
  renderExamples();
  renderAnswer();
  renderBatch();
  renderModel();
  if (shown.failure !== undefined) showProblem(...shown.failure);
}

function fail(failure, again) {
  shown.failure = [failure, again];
  showProblem(failure, again);
}

/** Runs one piece of work: ends the one before, says that it works, shows what fails. */
async function run(task, again) {
  work.abort();
  work = new AbortController();
  const { signal } = work;
  shown.failure = undefined;
  clearProblem();
  say(t('working'));
  byId('answer').setAttribute('aria-busy', 'true');
  try {
    await task(signal);
  } catch (error) {
    if (signal.aborted) return;
    say('');
    // An answer to another text must not stand beside the one that failed.
    shown.answer = undefined;
    renderAnswer();
    if (!(error instanceof ServiceError)) throw error;
    fail(error, again);
  } finally {
    if (work.signal === signal) byId('answer').removeAttribute('aria-busy');
  }
}

/** What `/info` tells; asked for again where it is not known, or where another model has answered. */
async function learnInfo(model) {
  if (shown.info !== undefined && (model === undefined || shown.info.model === model)) return;
  try {
    shown.info = await fetchInfo();
  } catch (error) {
    // Without it, thresholds and names of heads are missing; the answer itself is not.
    if (error.problem?.status === 401) throw error;
  }
  renderModel();
}

const canExplain = (info) => info?.features?.explain === true;

function classifyText(wanted, notes = []) {
  text.value = wanted;
  return run(
    async (signal) => {
      await learnInfo();
      const body = { text: wanted, ...(canExplain(shown.info) ? { explain: true } : {}) };
      const start = performance.now();
      const answer = await classify(body, signal);
      const time = number(Math.round(performance.now() - start));
      await learnInfo(answer.model);
      hideKeyField();
      shown.answer = { answer, body };
      renderAnswer();
      const remarks = notes.map(({ key, values }) => t(key, values));
      say(
        [
          t('announceAnswer', { verdict: spokenVerdict(answer, shown.info) }),
          t('done', { time }),
          ...remarks,
        ].join(' '),
      );
      reveal(byId('answer'));
    },
    () => classifyText(wanted, notes),
  );
}

function classifyRecords(records, notes) {
  return run(
    async (signal) => {
      await learnInfo();
      const rows = records.map((record) => ({ record }));
      const places = new Map(records.map((record, i) => [record, i]));
      const batch = { rows, notes, running: true, stopped: false };
      Object.assign(shown, { batch, answer: undefined });
      text.value = '';
      renderAnswer();
      renderBatch();
      reveal(byId('batch'));
      try {
        const readable = records.filter((record) => record.text !== undefined);
        for await (const finished of classifyAll(readable, shown.info?.limits, signal)) {
          for (const row of finished) rows[places.get(row.record)] = row;
          renderBatch();
        }
        hideKeyField();
      } catch (error) {
        batch.stopped = true;
        throw error;
      } finally {
        batch.running = false;
        renderBatch();
        if (shown.batch === batch) say(byId('batch-progress').textContent);
      }
    },
    () => classifyRecords(records, notes),
  );
}

async function takeFiles(files) {
  if (files.length === 0) return;
  const { records, failures, notes } = await readFiles([...files]);
  const first = records.slice(0, MOST_TEXTS);
  if (records.length > MOST_TEXTS) notes.push({ key: 'tooMany', values: { limit: number(MOST_TEXTS) } });
  if (first.length === 1 && first[0].text !== undefined) await classifyText(first[0].text.trim(), notes);
  else if (first.length > 0) await classifyRecords(first, notes);
  if (failures.length > 0 && shown.failure === undefined) fail(failures);
}

function submit() {
  if (text.value.trim() === '') {
    say(t('textEmpty'));
    text.focus();
    return;
  }
  classifyText(text.value);
}

function clear() {
  work.abort();
  text.value = '';
  Object.assign(shown, { answer: undefined, batch: undefined, failure: undefined });
  clearProblem();
  say('');
  renderAll();
  text.focus();
}

function listen() {
  byId('form').addEventListener('submit', (event) => {
    event.preventDefault();
    submit();
  });
  text.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    submit();
  });
  byId('clear').addEventListener('click', clear);
  byId('language').addEventListener('click', () => {
    setLanguage(language() === 'ar' ? 'en' : 'ar');
    say('');
    renderAll();
  });
  listenForFiles(takeFiles);
}

async function loadExamples() {
  try {
    shown.examples = await (await fetch(address('page/examples.json'))).json();
  } catch {
    // The page works without them.
  }
  renderExamples();
}

listen();
setLanguage(initialLanguage());
renderAll();
loadExamples();

/** Asks who answers here. Where a key is needed, the reader learns it before there is a text to lose. */
async function greet() {
  try {
    await learnInfo();
  } catch (error) {
    fail(error, greet);
    return;
  }
  if (byId('key').hidden) return;
  shown.failure = undefined;
  clearProblem();
  hideKeyField();
  text.focus();
}
greet();
