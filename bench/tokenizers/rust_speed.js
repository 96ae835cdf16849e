// Times Hugging Face's Rust tokenizers through its npm bindings, one text per call and all in one call (the faster counts), and
// prints JSON:
// node rust_speed.js CORPUS.jsonl SECONDS NAME=TOKENIZER.json …
const fs = require("fs");

function load(packageName) {
  try {
    return require(packageName).Tokenizer;
  } catch (error) {
    return null;
  }
}

async function one_by_one(tokenizer, texts) {
  let tokens = 0;
  for (const text of texts) {
    tokens += (await tokenizer.encode(text, null, { addSpecialTokens: false })).getLength();
  }
  return tokens;
}

async function all_at_once(tokenizer, texts) {
  let tokens = 0;
  for (const encoding of await tokenizer.encodeBatch(texts, { addSpecialTokens: false })) {
    tokens += encoding.getLength();
  }
  return tokens;
}

async function timed(tokenizer, texts, seconds) {
  const bytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  let tokens = 0;
  let best = 0;
  for (const run of [one_by_one, all_at_once]) {
    const start = process.hrtime.bigint();
    do {
      const before = process.cpuUsage();
      tokens = await run(tokenizer, texts);
      const used = process.cpuUsage(before);
      best = Math.max(best, bytes / (used.user + used.system));
    } while (Number(process.hrtime.bigint() - start) < (seconds * 1e9) / 2);
  }
  return { tokens, mb_per_cpu_second: best };
}

(async () => {
  const [corpus, seconds, ...models] = process.argv.slice(2);
  const texts = fs.readFileSync(corpus, "utf8").split("\n").filter((line) => line.length > 0)
    .map((line) => JSON.parse(line)).map((document) => document.title + " " + document.text);
  const result = {};
  for (const packageName of ["tokenizers", "@anush008/tokenizers"]) {
    const Tokenizer = load(packageName);
    if (Tokenizer === null) continue;
    for (const model of models) {
      const [name, path] = model.split("=");
      const tokenizer = Tokenizer.fromString(fs.readFileSync(path, "utf8"));
      result[name] = result[name] || {};
      result[name][packageName] = await timed(tokenizer, texts, Number(seconds));
    }
  }
  console.log(JSON.stringify(result));
})();
