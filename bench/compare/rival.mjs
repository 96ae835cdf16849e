// What the rivals that run under node share: options, the request, the timing, and the result, one JSON object on standard output.
import { readFileSync, writeFileSync } from 'node:fs';

const DEFAULTS = { batch: '8', threads: '2', workers: '1', seconds: '5' };

// "--name value" pairs; numbers where the default is one.
export function parseOptions(argv) {
  const options = { ...DEFAULTS };
  for (let i = 0; i < argv.length; i += 2) {
    if (!argv[i].startsWith('--') || argv[i + 1] === undefined) {
      throw new Error(`expected --name value, found ${argv.slice(i, i + 2).join(' ')}`);
    }
    options[argv[i].slice(2)] = argv[i + 1];
  }
  for (const name of Object.keys(DEFAULTS)) options[name] = Number(options[name]);
  return options;
}

export function readRequest({ workload, set }) {
  const request = JSON.parse(readFileSync(workload, 'utf8'))[set];
  if (request === undefined) throw new Error(`${workload}: no workload ${set}`);
  return request;
}

// Indices of the pairs, longest first, in lists of at most `size`: neighbours pad each other least.
export function batchesByLength(inputIds, size) {
  const order = inputIds.map((_, i) => i).sort((a, b) => inputIds[b].length - inputIds[a].length || a - b);
  const batches = [];
  for (let i = 0; i < order.length; i += size) batches.push(order.slice(i, i + size));
  return batches;
}

// Runs the request once to warm up, then until `seconds` have passed (with 0 not again); `run` gives the logits in the order of the documents.
export async function timeAndReport(options, version, run) {
  let logits = await run();
  const ms = [];
  const now = () => Number(process.hrtime.bigint()) / 1e6;
  for (const begin = now(); now() - begin < options.seconds * 1e3;) {
    const start = now();
    logits = await run();
    ms.push(now() - start);
  }
  if (options.logits) writeFileSync(options.logits, JSON.stringify(Array.from(logits)));
  console.log(JSON.stringify({ version, ms }));
}
