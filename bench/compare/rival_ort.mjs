// Times an ONNX graph of a cross-encoder in ONNX Runtime.
//
//   node rival_ort.mjs --modules DIR --onnx FILE --workload FILE.json --set A [--batch 8] [--threads 2] [--workers 1] [--seconds 5]
//        [--logits FILE]
//
// --modules is the folder that holds node_modules. With several workers, each has a session of its own on `threads` threads, and they take
// batches off the request in turn.
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';

import { batchesByLength, parseOptions, readRequest, timeAndReport } from './rival.mjs';

const options = parseOptions(isMainThread ? process.argv.slice(2) : workerData.argv);
const require = createRequire(join(resolve(options.modules), 'package.json'));
const ort = require('onnxruntime-node');
const request = readRequest(options);
const batches = batchesByLength(request.input_ids, options.batch);

function makeFeeds(indices) {
  const rows = indices.length;
  const length = request.input_ids[indices[0]].length; // the longest is first
  const ids = new BigInt64Array(rows * length);
  const mask = new BigInt64Array(rows * length);
  const segments = new BigInt64Array(rows * length);
  indices.forEach((index, row) => {
    request.input_ids[index].forEach((id, column) => {
      const at = row * length + column;
      ids[at] = BigInt(id);
      mask[at] = 1n;
      segments[at] = column >= request.segment0 ? 1n : 0n;
    });
  });
  const tensor = (data) => new ort.Tensor('int64', data, [rows, length]);
  return { input_ids: tensor(ids), attention_mask: tensor(mask), token_type_ids: tensor(segments) };
}

function makeSession() {
  return ort.InferenceSession.create(options.onnx, {
    executionProviders: ['cpu'],
    intraOpNumThreads: options.threads,
    interOpNumThreads: 1,
    graphOptimizationLevel: 'all',
  });
}

// Takes batches off the shared counter until none is left.
async function work(session, next, logits) {
  for (let k; (k = Atomics.add(next, 0, 1)) < batches.length;) {
    const output = await session.run(makeFeeds(batches[k]));
    batches[k].forEach((index, row) => { logits[index] = output.logits.data[row]; });
  }
}

// Settles with the worker's next message; an error in the worker rejects.
function nextMessage(worker) {
  return new Promise((done, fail) => {
    worker.once('message', done);
    worker.once('error', fail);
  });
}

async function main() {
  const next = new Int32Array(new SharedArrayBuffer(4));
  const logits = new Float32Array(new SharedArrayBuffer(4 * request.input_ids.length));
  const session = await makeSession();
  const others = [];
  for (let i = 1; i < options.workers; i++) {
    const worker = new Worker(fileURLToPath(import.meta.url), { workerData: { argv: process.argv.slice(2), next, logits } });
    worker.setMaxListeners(0);
    await nextMessage(worker);
    others.push(worker);
  }
  const version = require('onnxruntime-node/package.json').version;
  await timeAndReport(options, version, async () => {
    Atomics.store(next, 0, 0);
    const finished = others.map(nextMessage);
    others.forEach((worker) => worker.postMessage('run'));
    await Promise.all([work(session, next, logits), ...finished]);
    return logits;
  });
  for (const worker of others) await worker.terminate();
}

if (isMainThread) {
  await main();
} else {
  const session = await makeSession();
  parentPort.on('message', async () => {
    await work(session, workerData.next, workerData.logits);
    parentPort.postMessage('done');
  });
  parentPort.postMessage('ready');
}
