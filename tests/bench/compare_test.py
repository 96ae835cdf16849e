"""bench/compare: the requests, the choice of what is reported, the files for the rivals, and what is said of an engine that fails."""

import contextlib
import dataclasses
import io
import json
import math
import os
import pathlib
import shutil
import stat
import struct
import subprocess
import sys
import tempfile
import unittest
import unittest.mock

SOURCE_DIR = pathlib.Path(os.environ.get("PODIUM_SOURCE_DIR", pathlib.Path(__file__).parents[2]))
COMPARE_DIR = SOURCE_DIR / "bench/compare"
sys.path.insert(0, str(COMPARE_DIR))

import compare  # noqa: E402
import engines  # noqa: E402
import measure  # noqa: E402
import podium_engine  # noqa: E402
import summary  # noqa: E402
import workload  # noqa: E402

GOLDEN = SOURCE_DIR / "tests/golden/bert"
MINILM_L6 = {"hidden_size": 384, "intermediate_size": 1536, "num_hidden_layers": 6}


def numpy_python():
    """A Python that has numpy, or None."""
    for python in dict.fromkeys((sys.executable, engines.DEBIAN_PYTHON)):
        with contextlib.suppress(OSError):
            if subprocess.run([python, "-c", "import numpy"], stderr=subprocess.DEVNULL, check=False).returncode == 0:
                return python
    return None


class WorkloadTest(unittest.TestCase):
    def setUp(self):
        words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "##ing", "a", "42"]
        words += ["w" + "abcdefghij"[i % 10] + "xyz"[i // 10] for i in range(30)]
        self.vocabulary = {word: i for i, word in enumerate(words)}
        self.requests = workload.make_requests({"model": {"vocab": self.vocabulary}})

    def test_lengths(self):
        for name, lengths in workload.LENGTHS.items():
            request = self.requests[name]
            self.assertEqual([len(ids) for ids in request["input_ids"]], list(lengths), name)
            self.assertEqual(len(request["documents"]), len(lengths))
        self.assertEqual((len(workload.LENGTHS["A"]), set(workload.LENGTHS["A"])), (100, {128}))
        self.assertEqual(workload.LENGTHS["C"], (128,))

    def test_mixed_lengths_are_the_lognormal_ones(self):
        lengths = workload.MIXED_LENGTHS
        self.assertEqual((len(lengths), sum(lengths), min(lengths), max(lengths)), (100, 14645, 41, 440))
        logs = [math.log(length - workload.QUERY_WORDS - workload.SPECIAL_TOKENS) for length in lengths]
        mean = sum(logs) / len(logs)
        # Of 100 draws the mean lies within three standard errors of log 110.
        self.assertLess(abs(mean - math.log(110)), 3 * 0.6 / math.sqrt(len(logs)))

    def test_ids_are_those_of_the_text(self):
        for request in self.requests.values():
            for ids, document in zip(request["input_ids"], request["documents"]):
                words = ["[CLS]", *request["query"].split(), "[SEP]", *document.split(), "[SEP]"]
                self.assertEqual(ids, [self.vocabulary[word] for word in words])
                self.assertEqual(ids.index(self.vocabulary["[SEP]"]), request["segment0"] - 1)

    def test_same_vocabulary_same_requests(self):
        self.assertEqual(self.requests, workload.make_requests({"model": {"vocab": dict(reversed(self.vocabulary.items()))}}))

    def test_other_tokenizers_are_refused(self):
        with self.assertRaisesRegex(ValueError, r"no \[SEP\]"):
            workload.make_requests({"model": {"vocab": {"[CLS]": 0, "word": 1}}})
        with self.assertRaisesRegex(ValueError, "no word"):
            workload.make_requests({"model": {"vocab": {"[CLS]": 0, "[SEP]": 1, "A": 2}}})


def measurement(engine, precision, ms, **changes):
    one = {"model": "m", "workload": "A", "engine": engine, "version": "1", "precision": precision, "variant": "", "limit": "",
           "label": "2 threads", "batch": 8, "ms_min": ms, "ms_median": 1.1 * ms, "foreign": 0.0}
    return {**one, **changes}


class SummaryTest(unittest.TestCase):
    def test_flops_are_those_of_every_product(self):
        tokens, hidden, wide = 5, MINILM_L6["hidden_size"], MINILM_L6["intermediate_size"]
        shapes = [(tokens, hidden, hidden)] * 4 + [(tokens, hidden, wide), (tokens, wide, hidden)]  # rows, inner, columns
        shapes += [(tokens, hidden, tokens), (tokens, tokens, hidden)]  # all heads of both attention products
        by_hand = 6 * sum(2 * rows * inner * columns for rows, inner, columns in shapes) + 2 * hidden * hidden
        self.assertEqual(summary.flops(MINILM_L6, [tokens]), by_hand)
        self.assertAlmostEqual(summary.flops(MINILM_L6, workload.LENGTHS["A"]) / 1e9, 287, delta=1)
        self.assertAlmostEqual(summary.flops(MINILM_L6, workload.LENGTHS["B"]) / 1e9, 337, delta=1)

    def test_rounds_are_pooled(self):
        rounds = [measurement("torch", "fp32", ms, foreign=foreign) for ms, foreign in ((30.0, 0.0), (10.0, 0.5), (20.0, 0.0))]
        row, = summary.pool(rounds)
        self.assertEqual((row["ms_min"], row["ms_median"], row["foreign"], row["rounds"]), (10.0, 1.1 * 20.0, 0.5, 3))
        self.assertEqual(len(summary.pool(rounds + [measurement("torch", "fp32", 5.0, batch=16)])), 2)

    def test_best_batch_of_each_configuration(self):
        rows = summary.pool([measurement("torch", "fp32", 10.0), measurement("torch", "fp32", 9.0, batch=16),
                             measurement("torch", "fp32", 11.0, label="other"), measurement("torch", "fp32", 1.0, workload="C")])
        best = summary.best_of_each(rows)
        self.assertEqual(sorted(row["ms_min"] for row in best), [1.0, 9.0, 11.0])

    def ratio(self, title, measurements, agreements=()):
        return [entry for entry in summary.ratios(summary.pool(measurements), list(agreements)) if entry["title"].startswith(title)]

    def test_bf16_meets_the_best_of_fp32_bf16_and_f16(self):
        rivals = [measurement("onnxruntime", "fp32", 60.0), measurement("torch", "bf16", 50.0, ms_median=90.0),
                  measurement("llama.cpp", "f16", 70.0), measurement("onnxruntime", "int8", 5.0),
                  measurement("torch", "fp32", 1.0, limit="avx2")]
        entry, = self.ratio("bf16 /", rivals + [measurement("podium", "bf16", 10.0, ms_median=30.0), measurement("podium", "int8", 1.0)])
        self.assertEqual((entry["ratio"], entry["ratio_of_medians"], entry["goal"], entry["reached"]), (5.0, 3.0, 5.0, True))
        self.assertEqual(entry["rival"], "PyTorch bf16 (2 threads)")

    def test_a_goal_not_reached_is_said(self):
        entry, = self.ratio("int8 /", [measurement("onnxruntime", "int8", 39.0), measurement("podium", "int8", 10.0)])
        self.assertEqual((entry["ratio"], entry["goal"], entry["reached"]), (3.9, 4.0, False))

    def test_limits_are_compared_with_their_like(self):
        rows = [measurement("podium", "fp32", 8.0, limit="avx512"), measurement("podium", "fp32", 20.0, limit="avx2"),
                measurement("podium", "fp32", 1.0), measurement("onnxruntime", "fp32", 10.0), measurement("torch", "fp32", 30.0, limit="avx2")]
        entry, = self.ratio("fp32 held to AVX-512", rows)
        self.assertEqual((entry["ratio"], entry["reached"]), (1.25, True))
        entry, = self.ratio("fp32 held to AVX2", rows)
        self.assertEqual((entry["ratio"], entry["goal"], entry["reached"]), (1.5, None, None))

    def test_no_ratio_without_both_sides(self):
        self.assertEqual(summary.ratios(summary.pool([measurement("podium", "bf16", 1.0)]), []), [])
        self.assertEqual(summary.ratios(summary.pool([measurement("torch", "bf16", 1.0)]), []), [])

    def test_a_rival_with_wrong_logits_does_not_count(self):
        rows = [measurement("torch", "bf16", 1.0), measurement("onnxruntime", "fp32", 50.0), measurement("podium", "bf16", 10.0)]
        for delta in (1.5, float("nan")):
            wrong = {"model": "m", "engine": "torch", "precision": "bf16", "variant": "", "limit": "",
                     "rms_per_std": delta / 2, "max_per_std": delta}
            entry, = self.ratio("bf16 /", rows, [wrong])
            self.assertEqual(entry["ratio"], 5.0)
        self.assertIn("wrong: left out", summary.agreement_table([wrong]))

    def test_report_has_everything(self):
        results = {"machine": "a CPU", "versions": {"PyTorch": "1"}, "configs": {"m": MINILM_L6},
                   "agreements": [{"model": "m", "engine": "podium", "precision": "bf16", "variant": "", "limit": "",
                                   "rms_per_std": 0.01, "max_per_std": 0.03}],
                   "measurements": [measurement("podium", "bf16", 10.0, share_of_peak=0.5, batch=0),
                                    measurement("torch", "bf16", 50.0, foreign=0.7)],
                   "failures": [{"what": "llama.cpp", "message": "npm could not install it"}]}
        text = summary.report(results)
        for part in ("a CPU.", "- PyTorch: 1", "| 1 % | 3 % | 2 %: no |", "| Podium | 1 | bf16 | 2 threads | - | 10 | 11 |", "| 50 % |",
                     "| 5 | 5 | 5: yes |", "0.1 CPUs busy during 1 of these 2 rows (at most 0.7)", "287 GFLOP",
                     "- llama.cpp: npm could not install it"):
            self.assertIn(part, text)
        lines = text.splitlines()
        for line, following in zip(lines, lines[1:]):
            if line.startswith("|") and following.startswith("|"):
                self.assertEqual(line.count("|"), following.count("|"), following)


class MeasureTest(unittest.TestCase):
    def test_output_and_environment(self):
        command = [sys.executable, "-c", "import os; print(os.environ.get('VALUE'))"]
        for environment, expected in ((None, "outside"), ({"VALUE": "in"}, "in"), ({"VALUE": None}, "None")):
            with unittest.mock.patch.dict(os.environ, VALUE="outside"):
                self.assertEqual(measure.run(command, environment).strip(), expected)

    def test_the_message_of_what_fails(self):
        with self.assertRaisesRegex(measure.Failure, "exit code 1: ValueError: bad shape"):
            measure.run([sys.executable, "-c", "raise ValueError('bad shape')"])
        with self.assertRaisesRegex(measure.Failure, "no program /no/such"):
            measure.run(["/no/such"])
        self.assertEqual(measure.message_of("Error: no file\n  at main\n  at node\n"), "Error: no file")
        self.assertEqual(measure.message_of("\n"), "no message")

    def test_the_last_line_is_the_result(self):
        self.assertEqual(measure.parse_json('a banner\n{"ms": [1]}\n'), {"ms": [1]})
        self.assertEqual(measure.parse_json('{\n "ms": [1]\n}\n'), {"ms": [1]})
        with self.assertRaisesRegex(measure.Failure, "no JSON result: a banner"):
            measure.parse_json("a banner\n")

    @unittest.skipUnless(os.path.exists("/proc/stat"), "no /proc/stat")
    def test_a_measurement_in_a_process_of_its_own(self):
        result, foreign = measure.measure([sys.executable, "-c", "print('{\"ms\": [2.5]}')"])
        self.assertEqual(result, {"ms": [2.5]})
        self.assertGreaterEqual(foreign, 0.0)
        with self.assertRaisesRegex(measure.Failure, "KeyError: 'x'"):
            measure.measure([sys.executable, "-c", "{}['x']"])

    @unittest.skipUnless(os.path.exists("/proc/stat"), "no /proc/stat")
    def test_the_wrapper_goes_before(self):
        with tempfile.TemporaryDirectory() as scratch:
            mark = pathlib.Path(scratch) / "mark"
            wrap = "env MARK='%s' sh -c 'touch \"$MARK\"; exec \"$@\"' sh" % mark
            with unittest.mock.patch.dict(os.environ, PODIUM_COMPARE_WRAP=wrap):
                measure.measure([sys.executable, "-c", "print('{}')"])
            self.assertTrue(mark.exists())


STUB = """#!%s
import json, os, sys
words = sys.argv[1:]
if "int4" in words:
    sys.exit("error: no precision int4")
if words[0] == "bench":
    print(json.dumps({"podium": "9.9", "entries": [{"precision": "bf16", "ms": {"min": 5.0, "p50": 6.0}, "share_of_peak_full": 0.4}]}))
else:
    documents = [json.loads(line) for line in open(words[-1])]
    results = [{"index": i, "raw": float(i), "tokens": len(d["text"].split()) + 13} for i, d in enumerate(documents)]
    print(json.dumps({"results": results[::-1]}))
"""


class PodiumTest(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)
        request = {"query": "w", "documents": ["a b", "c"], "input_ids": [[0] * 15, [0] * 14]}
        (self.folder / "requests.json").write_text(json.dumps({"B": request, "short": {**request, "input_ids": [[0] * 15, [0] * 15]}}))

    def podium(self):
        binary = self.folder / "podium"
        binary.write_text(STUB % sys.executable)
        binary.chmod(binary.stat().st_mode | stat.S_IXUSR)
        return podium_engine.Podium(binary, self.folder, self.folder / "requests.json")

    def test_logits_in_the_order_of_the_documents(self):
        self.assertEqual(self.podium().logits(engines.Configuration("podium", "fp32"), "m", "B"), [0.0, 1.0])

    def test_other_token_counts_are_an_error(self):
        with self.assertRaisesRegex(measure.Failure, "document 1 has 14 tokens, expected 15"):
            self.podium().logits(engines.Configuration("podium", "fp32"), "m", "short")

    def test_its_own_message_where_it_fails(self):
        with self.assertRaisesRegex(measure.Failure, "no precision int4"):
            self.podium().logits(engines.Configuration("podium", "int4"), "m", "B")

    @unittest.skipUnless(os.path.exists("/proc/stat"), "no /proc/stat")
    def test_time(self):
        timed = self.podium().time(engines.Configuration("podium", "fp32", limit="avx2"), "m", "B", 1)
        self.assertEqual((timed["version"], timed["ms_min"], timed["ms_median"], timed["share_of_peak"]), ("9.9", 5.0, 6.0, 0.4))
        self.assertEqual(timed["label"], "1 threads, held to avx2")
        timed = self.podium().time(engines.Configuration("podium", "auto"), "m", "B", 1)
        self.assertEqual(timed["label"], "1 threads, chose bf16")


class DriverTest(unittest.TestCase):
    """The choice of batches and configurations, with times from a table."""

    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.comparison = compare.Comparison(compare.parse_arguments(["--folder", scratch.name]))
        self.times, self.tried = {}, []
        self.comparison.time = self.time
        errors = contextlib.redirect_stderr(io.StringIO())
        errors.__enter__()
        self.addCleanup(errors.__exit__, None, None, None)

    def time(self, configuration, _model, _name, batch, _seconds):
        self.tried.append((configuration.variant, batch))
        ms = self.times[configuration.variant, batch]
        if ms is None:
            raise measure.Failure("out of memory")
        return {"ms_min": ms}

    @staticmethod
    def configuration(variant, **changes):
        return dataclasses.replace(engines.Configuration("torch", "fp32", variant, batches=(1, 4, 8, 16)), **changes)

    def test_larger_batches_are_tried_until_two_are_worse(self):
        self.times = {("v", 1): 10.0, ("v", 4): 8.0, ("v", 8): 8.5, ("v", 16): 9.0}
        self.assertEqual(self.comparison.best_batch(self.configuration("v"), "m", "A"), (8.0, 4))
        self.assertEqual(self.tried, [("v", 1), ("v", 4), ("v", 8), ("v", 16)])
        self.times["v", 4] = 11.5
        self.assertEqual(self.comparison.best_batch(self.configuration("v"), "m", "A"), (8.5, 8))
        self.times["v", 8] = 11.1
        self.tried.clear()
        self.assertEqual(self.comparison.best_batch(self.configuration("v"), "m", "A"), (10.0, 1))
        self.assertEqual(self.tried, [("v", 1), ("v", 4), ("v", 8)])

    def test_one_pair_is_one_batch_of_one_worker(self):
        self.times = {("v", 1): 10.0}
        self.assertEqual(self.comparison.finalists("m", "C", [self.configuration("v"), self.configuration("w", workers=2)]),
                         [(self.configuration("v"), 1)])

    def test_a_failure_is_reported_and_not_chosen(self):
        self.times = {("v", 1): None, ("w", 1): 9.0, ("w", 4): None}
        chosen = self.comparison.finalists("m", "A", [self.configuration("v"), self.configuration("w")])
        self.assertEqual(chosen, [(self.configuration("w"), 1)])
        self.assertEqual([failure["message"] for failure in self.comparison.results["failures"]], ["out of memory"] * 2)

    def test_finalists_of_every_precision(self):
        candidates = [self.configuration("v%d" % i, batches=(1,)) for i in range(4)] + [self.configuration("x", precision="bf16", batches=(1,))]
        self.times = {("v0", 1): 2.2, ("v1", 1): 2.0, ("v2", 1): 2.1, ("v3", 1): 5.0, ("x", 1): 99.0}
        chosen = [one.variant for one, _ in self.comparison.finalists("m", "A", candidates)]
        self.assertEqual(chosen, ["v1", "v2", "x"])
        self.times["v2", 1] = self.times["v0", 1] = 3.0
        chosen = [one.variant for one, _ in self.comparison.finalists("m", "A", candidates)]
        self.assertEqual(chosen, ["v1", "x"])

    def test_what_is_older_than_its_sources_is_made_again(self):
        old, new = self.comparison.folder / "old", self.comparison.folder / "new"
        for path, when in ((old, 1), (new, 2)):
            path.touch()
            os.utime(path, (when, when))
        self.assertTrue(compare.is_current(new, old))
        self.assertFalse(compare.is_current(old, old, new))
        self.assertFalse(compare.is_current(self.comparison.folder / "none"))

    def test_options(self):
        arguments = compare.parse_arguments(["--models", "bert-base", "--workloads", "C,D", "--quick"])
        self.assertEqual((arguments.models, arguments.workloads, arguments.rounds), (["bert-base"], ["C", "D"], 1))
        for wrong, message in ((["--models", "gpt"], "no gpt; there are minilm-l6"), (["--engines", "podium,x"], "no x; there are podium"),
                               (["--threads", "0"], "at least 1")):
            errors = io.StringIO()
            with contextlib.redirect_stderr(errors), self.assertRaises(SystemExit):
                compare.parse_arguments(wrong)
            self.assertIn(message, errors.getvalue())

    def test_every_rival_has_a_command_that_names_what_it_runs(self):
        rivals = engines.Rivals(pathlib.Path("/folder"), pathlib.Path("/requests.json"))
        for engine in engines.RIVALS:
            for one in engines.configurations(engine, 2):
                command, _ = rivals.timing_command(one, "m", "A", 8, 3)
                program = next(word for word in command if word.startswith(str(COMPARE_DIR)))
                self.assertTrue(os.path.exists(program), program)
                self.assertEqual(one.workers * one.threads, 2)
                export = rivals.export_command(one, "m", workload.SEGMENT_0)
                self.assertEqual(export is None, engine == "torch")
                if export:
                    self.assertIn(export[-1], command)


def read_gguf(path):
    """(metadata, name -> (dimensions, type, bytes)): a reader of the format as its page gives it, for the value types that occur."""
    data, at = path.read_bytes(), 0

    def take(layout):
        nonlocal at
        values = struct.unpack_from("<" + layout, data, at)
        at += struct.calcsize("<" + layout)
        return values[0] if len(values) == 1 else values

    def string():
        nonlocal at
        size = take("Q")
        at += size
        return data[at - size:at].decode("utf-8")

    def value(kind):
        if kind == 8:
            return string()
        if kind == 9:
            inner, count = take("IQ")
            return [value(inner) for _ in range(count)]
        return take({4: "I", 5: "i", 6: "f", 7: "?"}[kind])

    assert data[:4] == b"GGUF"
    at = 4
    version, tensors, pairs = take("IQQ")
    assert version == 3
    metadata = {}
    for _ in range(pairs):
        key = string()
        metadata[key] = value(take("I"))
    infos = []
    for _ in range(tensors):
        name = string()
        rank = take("I")
        dimensions = [take("Q") for _ in range(rank)]
        infos.append((name, dimensions, *take("IQ")))
    start = at + -at % 32
    ends = [offset for _, _, _, offset in infos[1:]] + [len(data) - start]
    return metadata, {name: (dimensions, kind, data[start + offset:start + end])
                      for (name, dimensions, kind, offset), end in zip(infos, ends)}


class GgufTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        python = numpy_python()
        if python is None:
            raise unittest.SkipTest("no numpy")
        scratch = tempfile.TemporaryDirectory()
        cls.addClassCleanup(scratch.cleanup)
        cls.files = {}
        for kind in ("f32", "f16", "bf16", "q8_0"):
            path = pathlib.Path(scratch.name) / kind
            subprocess.run([python, "-B", str(COMPARE_DIR / "gguf.py"), str(GOLDEN), kind, "12", str(path)], check=True)
            cls.files[kind] = read_gguf(path)
        with open(GOLDEN / "model.safetensors", "rb") as file:
            size = struct.unpack("<Q", file.read(8))[0]
            cls.header, cls.data = json.loads(file.read(size)), file.read()

    def weight(self, name):
        begin, end = self.header[name]["data_offsets"]
        return struct.unpack("<%df" % ((end - begin) // 4), self.data[begin:end])

    def floats(self, kind, name):
        dimensions, ggml_type, data = self.files[kind][1][name]
        count = math.prod(dimensions)
        if ggml_type == 0:
            return struct.unpack("<%df" % count, data[:4 * count])
        if ggml_type == 1:
            return struct.unpack("<%de" % count, data[:2 * count])
        if ggml_type == 30:
            return struct.unpack("<%df" % count, b"".join(b"\0\0" + data[i:i + 2] for i in range(0, 2 * count, 2)))
        values = []
        for at in range(0, count // 32 * 34, 34):
            scale, *numbers = struct.unpack_from("<e32b", data, at)
            values += [scale * number for number in numbers]
        return values

    def test_metadata(self):
        metadata, _ = self.files["f32"]
        self.assertEqual(metadata["general.architecture"], "bert")
        self.assertEqual((metadata["bert.block_count"], metadata["bert.embedding_length"], metadata["bert.attention.causal"]), (3, 32, False))
        self.assertEqual(metadata["bert.pooling_type"], 4)
        self.assertEqual(len(metadata["tokenizer.ggml.tokens"]), 500)
        self.assertEqual(len(metadata["tokenizer.ggml.token_type"]), 500)

    def test_tokens_mark_the_start_of_words(self):
        vocabulary = json.loads((GOLDEN / "tokenizer.json").read_text(encoding="utf-8"))["model"]["vocab"]
        tokens = self.files["f32"][0]["tokenizer.ggml.tokens"]
        for token, i in vocabulary.items():
            expected = token if token in ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]") else \
                token[2:] if token.startswith("##") else "\u2581" + token
            self.assertEqual(tokens[i], expected)

    def test_every_weight_is_there_as_it_was(self):
        _, tensors = self.files["f32"]
        self.assertEqual(len(tensors), len(self.header) - 1)  # "__metadata__"
        for mine, theirs in (("token_embd.weight", "bert.embeddings.word_embeddings.weight"), ("cls.output.bias", "classifier.bias"),
                             ("blk.2.ffn_down.weight", "bert.encoder.layer.2.output.dense.weight"),
                             ("blk.0.attn_v.bias", "bert.encoder.layer.0.attention.self.value.bias"),
                             ("blk.1.layer_output_norm.weight", "bert.encoder.layer.1.output.LayerNorm.weight")):
            self.assertEqual(self.floats("f32", mine), self.weight(theirs), mine)
            self.assertEqual(tensors[mine][0], list(reversed(self.header[theirs]["shape"])))

    def test_segments_are_in_the_positions(self):
        positions = self.weight("bert.embeddings.position_embeddings.weight")
        segments = self.weight("bert.embeddings.token_type_embeddings.weight")
        for i, value in enumerate(self.floats("f32", "position_embd.weight")):
            row, column = divmod(i, 32)
            self.assertAlmostEqual(value, positions[i] + segments[32 * (row >= 12) + column], places=6)
        self.assertFalse(any(self.floats("f32", "token_types.weight")))

    def test_rounding_of_the_linear_layers(self):
        name, exact = "blk.0.ffn_up.weight", self.weight("bert.encoder.layer.0.intermediate.dense.weight")
        for kind, ggml_type, relative in (("f16", 1, 2.0 ** -11), ("bf16", 30, 2.0 ** -8)):
            self.assertEqual(self.files[kind][1][name][1], ggml_type)
            self.assertEqual(self.files[kind][1]["blk.0.ffn_up.bias"][1], 0)
            for rounded, value in zip(self.floats(kind, name), exact):
                self.assertLessEqual(abs(rounded - value), relative * abs(value) + 2.0 ** -25)

    def test_blocks_of_int8(self):
        name, exact = "blk.0.ffn_up.weight", self.weight("bert.encoder.layer.0.intermediate.dense.weight")
        rounded = self.floats("q8_0", name)
        for block in range(0, len(exact), 32):
            step = max(map(abs, exact[block:block + 32])) / 127
            for i in range(block, block + 32):
                # Half a step of rounding, and the float16 scale's own error times at most 127 steps.
                self.assertLessEqual(abs(rounded[i] - exact[i]), step * (0.5 + 127 * 2.0 ** -11) + 1e-7)


@unittest.skipUnless(shutil.which("node"), "no node")
class NodeTest(unittest.TestCase):
    def run_node(self, script):
        script = "import * as rival from '%s';\n%s" % ((COMPARE_DIR / "rival.mjs").as_uri(), script)
        return subprocess.run(["node", "--input-type=module", "--eval", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                              check=False)

    def test_batches_by_length(self):
        done = self.run_node("console.log(JSON.stringify(rival.batchesByLength([[1], [1, 2, 3], [1, 2], [1, 2, 3]], 3)));")
        self.assertEqual(json.loads(done.stdout), [[1, 3, 2], [0]])

    def test_options(self):
        done = self.run_node("console.log(JSON.stringify(rival.parseOptions(['--set', 'A', '--batch', '16'])));")
        self.assertEqual(json.loads(done.stdout), {"batch": 16, "threads": 2, "workers": 1, "seconds": 5, "set": "A"})
        self.assertIn("expected --name value, found --set", self.run_node("rival.parseOptions(['--set']);").stderr)

    def test_without_time_one_pass_gives_the_logits(self):
        with tempfile.TemporaryDirectory() as scratch:
            path = pathlib.Path(scratch) / "logits.json"
            done = self.run_node("await rival.timeAndReport({ seconds: 0, logits: '%s' }, '1', async () => [0.5]);" % path)
            self.assertEqual(json.loads(done.stdout), {"version": "1", "ms": []})
            self.assertEqual(json.loads(path.read_text()), [0.5])


if __name__ == "__main__":
    unittest.main()
