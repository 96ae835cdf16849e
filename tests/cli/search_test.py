"""podium search, rerank, run and rerank-run, seen from outside."""

import json
import re
import signal
import subprocess
import time

from podium_case import GOLDEN, PODIUM, PodiumCase, main

MODEL = GOLDEN / "bert"

CORPUS = [
    {"_id": "paris", "title": "France", "text": "Paris is the capital and most populous city of France.",
     "lang": "en"},
    {"_id": "berlin", "title": "Germany", "text": "Berlin is the capital of Germany, with 3,520,031 inhabitants.",
     "lang": "en"},
    {"_id": "tower", "title": "", "text": "The Eiffel tower stands in Paris.", "lang": "fr"},
    {"_id": "long", "title": "Cities", "text": "A capital city. " + "It goes on and on about the capital. " * 30,
     "lang": "en"},
    {"_id": "tunnel", "title": "Wind", "text": "Flow around an aerofoil in a wind tunnel.", "lang": "en"},
]
QUERIES = [{"_id": "q1", "text": "capital of France"}, {"_id": "q2", "text": "wind tunnel"},
           {"_id": "q3", "text": "the of"}]


def jsonl(rows):
    return "".join(json.dumps(row) + "\n" for row in rows)


class WithIndex(PodiumCase):
    def setUp(self):
        super().setUp()
        self.corpus = self.write("corpus.jsonl", jsonl(CORPUS))
        self.queries = self.write("queries.jsonl", jsonl(QUERIES))
        self.index = self.path("index")
        self.podium("index", self.index, self.corpus)


class SearchTest(WithIndex):
    def test_finds_and_explains(self):
        result = self.podium("search", self.index, "capital of France")
        self.assertRegex(result.stdout, r"(?m)^\s+1\. paris  France$")
        self.assertRegex(result.stdout, r"\d+\.\d+ BM25")
        self.assertIn("from 5 documents", result.stderr)

    def test_json_has_stable_names(self):
        answer = self.podium("search", self.index, "capital", "--json", "--top", "2").json()
        self.assertEqual(answer["score_space"], "bm25")
        self.assertEqual(answer["documents"], 5)
        self.assertEqual(len(answer["results"]), 2)
        first = answer["results"][0]
        self.assertEqual(list(first), ["rank", "id", "score", "first_stage_rank", "first_stage_score",
                                       "title", "text", "fields"])
        self.assertEqual(first["fields"]["lang"], "en")
        self.assertEqual(set(answer["times_ms"]), {"retrieve", "fetch", "tokenize", "score", "total"})

    def test_filter(self):
        answer = self.podium("search", self.index, "Paris", "--filter", "lang:fr", "--json").json()
        self.assertEqual([r["id"] for r in answer["results"]], ["tower"])
        self.podium("search", self.index, "Paris", "--filter", "lang", expect=1,
                    stderr="--filter lang: expected field:value")

    def test_reranks_with_a_model_and_keeps_the_first_place(self):
        answer = self.podium("search", self.index, "capital of France", "--rerank", MODEL, "--json",
                             "--scores", "raw").json()
        self.assertTrue(answer["reranked"])
        self.assertEqual(answer["score_space"], "raw")
        scores = [r["score"] for r in answer["results"]]
        self.assertEqual(scores, sorted(scores, reverse=True))
        self.assertEqual(sorted(r["first_stage_rank"] for r in answer["results"]),
                         list(range(1, len(scores) + 1)))
        long = next(r for r in answer["results"] if r["id"] == "long")
        self.assertTrue(long["rerank"]["truncated"])
        self.assertGreater(long["rerank"]["document_tokens_dropped"], 0)
        text = self.podium("search", self.index, "capital of France", "--rerank", MODEL)
        self.assertRegex(text.stdout, r"sigmoid +was \d+ \(BM25 ")
        self.assertRegex(text.stdout, r"document cut by \d+ tokens")

    def test_a_pair_that_may_not_be_cut_is_reported_last(self):
        answer = self.podium("search", self.index, "capital of France", "--rerank", MODEL, "--json",
                             "--truncation", "none").json()
        last = answer["results"][-1]
        self.assertEqual(last["id"], "long")
        self.assertIsNone(last["score"])
        self.assertIn("the model takes 64", last["rerank"]["error"])

    def test_queries_from_standard_input(self):
        result = self.podium("search", self.index, "--json", stdin="wind tunnel\n\ncapital\n")
        self.assertEqual([a["query"] for a in result.json_lines()], ["wind tunnel", "capital"])

    def test_no_match_is_an_answer(self):
        self.podium("search", self.index, "zeppelin", stdout="no document matches")
        self.podium("search", self.index, "the of and", stdout="no document matches")

    def test_wrong_input(self):
        self.podium("search", self.path("nowhere"), "x", expect=1, stderr="nowhere")
        self.podium("search", self.index, "x", "--rerank", "no-such-model", expect=1,
                    stderr="model no-such-model: no such directory")
        self.usage_error("search", self.index, "x", "--top", "0", stderr="--top")
        self.usage_error("search", self.index, "x", "--truncation", "middle", stderr="--truncation")
        self.usage_error("search", stderr="index")


class RerankTest(PodiumCase):
    def test_lines_from_standard_input(self):
        result = self.podium("rerank", "--model", MODEL, "--query", "capital of France", "--json",
                             stdin="Paris is the capital.\nA wind tunnel.\n").json()
        self.assertEqual(sorted(r["id"] for r in result["results"]), ["1", "2"])
        scores = [r["score"] for r in result["results"]]
        self.assertEqual(scores, sorted(scores, reverse=True))
        self.assertEqual(result["score_space"], "sigmoid")

    def test_documents_from_jsonl(self):
        corpus = self.write("c.jsonl", jsonl(CORPUS))
        result = self.podium("rerank", "--model", MODEL, "--query", "capital", corpus, "--json",
                             "--top", "2").json()
        self.assertEqual(len(result["results"]), 2)
        text = self.podium("rerank", "--model", MODEL, "--query", "capital", corpus)
        self.assertRegex(text.stdout, r"(?m)^ +1\. \w+")

    def test_score_does_not_depend_on_company(self):
        alone = self.podium("rerank", "--model", MODEL, "--query", "q", "--json", stdin="some passage\n").json()
        among = self.podium("rerank", "--model", MODEL, "--query", "q", "--json",
                            stdin="some passage\n" + "another passage that is longer\n" * 50).json()
        score = {r["id"]: r["raw"] for r in among["results"]}
        self.assertEqual(alone["results"][0]["raw"], score["1"])

    def test_wrong_input(self):
        self.usage_error("rerank", "--query", "x", stderr="--model")
        self.usage_error("rerank", "--model", MODEL, stderr="--query")
        self.podium("rerank", "--model", GOLDEN / "bi_bert_mean", "--query", "x", stdin="a\n", expect=1,
                    stderr="gives embeddings, not scores")
        self.podium("rerank", "--model", MODEL, "--query", "x", stdin="", expect=1, stderr="no passages")
        self.podium("rerank", "--model", MODEL, "--query", "x", self.path("gone"), expect=1, stderr="gone")


class RunTest(WithIndex):
    def run_lines(self, path):
        return [line.split() for line in self.read(path).splitlines()]

    def read(self, path):
        with open(path, encoding="utf-8") as file:
            return file.read()

    def test_bm25_run(self):
        out = self.path("run.trec")
        self.podium("run", self.index, self.queries, "-o", out, stderr="3 queries in")
        rows = self.run_lines(out)
        self.assertEqual({row[0] for row in rows}, {"q1", "q2"})
        self.assertEqual([row[3] for row in rows if row[0] == "q1"],
                         [str(i + 1) for i in range(sum(r[0] == "q1" for r in rows))])
        self.assertEqual(rows[0][5], "bm25")
        piped = self.podium("run", self.index, self.queries)
        self.assertEqual(piped.stdout, self.read(out))

    def test_rerank_run_equals_run_with_rerank(self):
        first, direct, second = self.path("a.trec"), self.path("b.trec"), self.path("c.trec")
        self.podium("run", self.index, self.queries, "-o", first)
        self.podium("run", self.index, self.queries, "-o", direct, "--rerank", MODEL, "--tag", "t",
                    stderr="were cut")
        self.podium("rerank-run", "--model", MODEL, "--corpus", self.corpus, "--queries", self.queries,
                    "--run", first, "-o", second, "--tag", "t")
        self.assertEqual(self.run_lines(direct), self.run_lines(second))
        self.podium("rerank-run", "--model", MODEL, "--corpus", self.index, "--queries", self.queries,
                    "--run", first, "-o", second, "--tag", "t")
        self.assertEqual(self.run_lines(direct), self.run_lines(second))

    def test_ctrl_c_keeps_the_queries_answered(self):
        queries = self.write("many.jsonl", jsonl({"_id": "q%d" % i, "text": "capital of France wind tunnel"}
                                                 for i in range(20000)))
        out = self.path("run.trec")
        process = subprocess.Popen([PODIUM, "run", self.index, queries, "-o", out, "--rerank", MODEL],
                                   cwd=self.scratch, env=self.environment(), stderr=subprocess.PIPE)
        end = time.monotonic() + 60
        while not list(self.scratch.glob("run.trec.*")) and time.monotonic() < end:
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        _, error = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 1)
        answered = re.search(r"stopped by the user: (\d+) of 20000 queries are in the run", error.decode())
        self.assertIsNotNone(answered, error)
        self.assertEqual(len({row[0] for row in self.run_lines(out)}), int(answered.group(1)))

    def test_wrong_input(self):
        run = self.write("r.trec", "q1 Q0 nobody 1 2.5 x\n")
        self.podium("rerank-run", "--model", MODEL, "--corpus", self.corpus, "--queries", self.queries,
                    "--run", run, "-o", self.path("o"), expect=1, stderr="nobody")
        run = self.write("r.trec", "q9 Q0 paris 1 2.5 x\n")
        self.podium("rerank-run", "--model", MODEL, "--corpus", self.corpus, "--queries", self.queries,
                    "--run", run, "-o", self.path("o"), expect=1, stderr="q9")
        self.podium("run", self.index, self.path("gone"), expect=1, stderr="gone")
        self.podium("run", self.index, self.queries, "-o", self.path("no/such/dir"), expect=1,
                    stderr="no/such/dir")


class PrecisionTest(WithIndex):
    def rerank(self, *arguments, **keywords):
        return self.podium("rerank", "--model", MODEL, "--query", "capital", self.corpus, *arguments, **keywords)

    def commands(self):
        """Every command that loads a reranker, and how its report on --json is read."""
        run = self.path("first.trec")
        self.podium("run", self.index, self.queries, "-o", run)
        return {"search": ("search", self.index, "capital", "--rerank", MODEL, "--json"),
                "rerank": ("rerank", "--model", MODEL, "--query", "capital", self.corpus, "--json"),
                "run": ("run", self.index, self.queries, "-o", self.path("o"), "--rerank", MODEL, "--json"),
                "rerank-run": ("rerank-run", "--model", MODEL, "--corpus", self.corpus, "--queries", self.queries,
                               "--run", run, "-o", self.path("o"), "--json")}

    def test_every_command_takes_and_names_it(self):
        for name, command in self.commands().items():
            with self.subTest(command=name):
                self.assertEqual(self.podium(*command, "--precision", "int8").json()["precision"], "int8")
                report = self.podium(*command, env={"PODIUM_FORCE_ISA": "scalar"}).json()
                self.assertEqual((report["precision"], report["model"]), ("fp32", str(MODEL)))

    def test_it_changes_the_scores_a_little(self):
        def scores(precision):
            results = self.rerank("--scores", "raw", "--json", "--precision", precision,
                                  env={"PODIUM_FORCE_ISA": "scalar"}).json()["results"]
            return {result["id"]: result["raw"] for result in results}
        exact = scores("fp32")
        spread = max(exact.values()) - min(exact.values())
        for precision in ("bf16x3", "bf16", "int8"):
            with self.subTest(precision=precision):
                reduced = scores(precision)
                self.assertNotEqual(reduced, exact)
                for name, score in exact.items():
                    self.assertAlmostEqual(reduced[name], score, delta=0.05 * spread)

    def test_one_that_the_kernels_lack_is_refused(self):
        env = {"PODIUM_FORCE_ISA": "avx2"}
        if self.rerank(env=env, expect=None).code != 0:
            self.skipTest("this CPU has no AVX2")
        for name, command in self.commands().items():
            with self.subTest(command=name):
                self.podium(*command, "--precision", "bf16", env=env, expect=1,
                            stderr="precision bf16: the avx2 kernels of this CPU have no such product; "
                                   "take fp32, int8 or auto")
                self.usage_error(*command, "--precision", "half", stderr="--precision")


if __name__ == "__main__":
    main()
