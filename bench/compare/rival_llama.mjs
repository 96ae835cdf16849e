// Times a GGUF cross-encoder in llama.cpp, through node-llama-cpp's prebuilt library.
//
//   node rival_llama.mjs --modules DIR --gguf FILE --workload FILE.json --set A [--threads 2] [--workers 1] [--seconds 5]
//        [--logits FILE]
//
// --modules is the folder that holds node_modules. A context takes one pair at a time: llama.cpp's attention is over all tokens of a batch
// with a mask, so that several pairs in one batch cost more, not less. With several workers, as many contexts share the request.
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

import { batchesByLength, parseOptions, readRequest, timeAndReport } from './rival.mjs';

const options = parseOptions(process.argv.slice(2));
const folder = join(resolve(options.modules), 'node_modules/node-llama-cpp');
const { getLlama } = await import(pathToFileURL(join(folder, 'dist/index.js')));
const request = readRequest(options);
const order = batchesByLength(request.input_ids, 1).map(([index]) => index);
const query = request.input_ids[0].slice(1, request.segment0 - 1);
const documents = request.input_ids.map((ids) => ids.slice(request.segment0, -1));
const longest = Math.max(...request.input_ids.map((ids) => ids.length));

const llama = await getLlama({ gpu: false, build: 'never', logLevel: 'error', maxThreads: options.threads * options.workers });
const model = await llama.loadModel({ modelPath: options.gguf });
const contexts = [];
for (let i = 0; i < options.workers; i++) {
  // A batch takes the longest pair whole: this encoder has no cache to continue from.
  contexts.push(await model.createRankingContext({ contextSize: longest + 1, batchSize: longest + 1, threads: options.threads }));
}
for (const index of [0, documents.length - 1]) {
  const length = contexts[0].calculateInputLength(query, documents[index]);
  if (length !== request.input_ids[index].length) {
    throw new Error(`pair ${index} has ${length} tokens for llama.cpp, expected ${request.input_ids[index].length}`);
  }
}

const logit = (probability) => Math.log(probability / (1 - probability));
const version = `${JSON.parse(readFileSync(join(folder, 'llama/binariesGithubRelease.json'), 'utf8')).release} `
  + `(node-llama-cpp ${JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).version})`;
await timeAndReport(options, version, async () => {
  const logits = new Array(documents.length);
  let next = 0;
  await Promise.all(contexts.map(async (context) => {
    while (next < order.length) {
      const index = order[next++];
      logits[index] = logit(await context.rank(query, documents[index]));
    }
  }));
  return logits;
});
await llama.dispose();
