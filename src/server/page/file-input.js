/** The three ways in which files arrive: chosen, dropped, pasted. */

import { byId } from './dom.js';

/** @param take Called with the files. */
export function listenForFiles(take) {
  const drop = byId('drop');
  const holdsFiles = (event) => event.dataTransfer?.types.includes('Files');
  // The whole window takes a file: a browser would open one that misses the field, and the page would be gone.
  addEventListener('dragover', (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    drop.classList.add('over');
  });
  addEventListener('dragleave', (event) => {
    if (event.relatedTarget === null) drop.classList.remove('over');
  });
  addEventListener('drop', (event) => {
    drop.classList.remove('over');
    if (!holdsFiles(event)) return;
    event.preventDefault();
    take(event.dataTransfer.files);
  });
  byId('text').addEventListener('paste', (event) => {
    if (event.clipboardData.files.length === 0) return;
    event.preventDefault();
    take(event.clipboardData.files);
  });
  byId('choose').addEventListener('click', () => byId('files').click());
  byId('files').addEventListener('change', async ({ target }) => {
    const chosen = [...target.files];
    target.value = '';
    await take(chosen);
  });
}
