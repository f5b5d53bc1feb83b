// A worker process is plain Node and registers tsx for itself: for `require`, which takes half as long as for `import`.
// Transformers.js is loaded first, for tsx would read all of it.
require('@xenova/transformers');
require('tsx/cjs/api').register();
require('./worker.ts');
