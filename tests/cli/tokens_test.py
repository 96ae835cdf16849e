"""Tokens stored in an index (podium index --tokens), seen from outside."""

import json
import os
import re
import resource
import shutil
import signal
import subprocess

from podium_case import GOLDEN, PODIUM, PodiumCase, main

MODEL = GOLDEN / "bert"
OTHER_MODEL = GOLDEN / "roberta"  # of another tokenizer


def jsonl(rows):
    return "".join(json.dumps(row) + "\n" for row in rows)


def passage(i, version=1):
    """Documents with and without a title, up to some times the window of 64 tokens."""
    return {"_id": "d%d" % i, "title": "Title %d" % i if i % 3 else "",
            "text": "the capital city number %d of version %d. " % (i, version) * (1 + i % 9)}


class TokensTest(PodiumCase):
    def setUp(self):
        super().setUp()
        self.corpus = self.write("corpus.jsonl", jsonl(passage(i) for i in range(60)))
        self.queries = self.write("queries.jsonl", jsonl(
            {"_id": "q%d" % i, "text": "capital city number %d" % i} for i in range(5)))
        self.plain = self.path("plain")
        self.stored = self.path("stored")
        self.podium("index", self.plain, self.corpus)
        self.podium("index", self.stored, self.corpus, "--tokens", MODEL)

    def tokens(self):
        """What podium info says of the one cache of the index."""
        (cache,) = self.podium("info", self.stored, "--json").json()["tokens"]
        return cache

    def search(self, index, *more):
        return self.podium("search", index, "capital of version 2", "--rerank", MODEL, "--json", "--top", "60",
                           *more).json()

    def assert_same_answers(self, *more):
        """Both indexes give the same answer, bit for bit; returns how many tokens were stored."""
        plain, stored = self.search(self.plain, *more), self.search(self.stored, *more)
        self.assertEqual(plain["results"], stored["results"])
        self.assertEqual(plain["tokens_from_index"], 0)
        return stored["tokens_from_index"]

    def test_indexing_stores_them_and_info_says_so(self):
        cache = self.tokens()
        self.assertEqual(list(cache), ["directory", "model", "documents", "missing", "bytes"])
        self.assertRegex(cache["directory"], r"\Atokens-[0-9a-f]{32}\Z")
        self.assertEqual([cache["model"], cache["documents"], cache["missing"]], [str(MODEL), 60, 0])
        folder = os.path.join(self.stored, cache["directory"])
        self.assertEqual(cache["bytes"],
                         sum(os.path.getsize(os.path.join(folder, name)) for name in os.listdir(folder)))
        self.podium("info", self.stored, stdout=r"^tokens +%s: 60 documents, [\d.]+ kB \(tokens-" % re.escape(str(MODEL)))
        self.assertEqual(self.podium("info", self.plain, "--json").json()["tokens"], [])

    def test_scores_are_the_same_bits(self):
        for rule in ("longest_first", "only_document", "none"):
            for window in ("64", "20"):
                stored = self.assert_same_answers("--truncation", rule, "--max-tokens", window)
                self.assertEqual(stored, 60)
        text = self.podium("search", self.stored, "capital", "--rerank", MODEL)
        self.assertRegex(text.stderr, r"tokenize [\d.]+ ms \(60 stored\)")

    def test_runs_are_equal_and_count_them(self):
        for index in (self.plain, self.stored):
            self.podium("run", index, self.queries, "-o", index + ".trec", "--rerank", MODEL)
        with open(self.plain + ".trec", "rb") as plain, open(self.stored + ".trec", "rb") as stored:
            self.assertEqual(plain.read(), stored.read())
        arguments = ("run", self.stored, self.queries, "-o", self.path("o"), "--rerank", MODEL)
        summary = self.podium(*arguments, "--json").json()
        self.assertEqual(summary["pairs"], 300)
        self.assertEqual(summary["tokens_from_index"], 300)
        self.podium(*arguments, stderr="300 of 300 passages were tokenized when they were indexed")

    def test_an_existing_index_gets_them_without_files(self):
        made = self.podium("index", self.plain, "--tokens", MODEL, "--json").json()
        self.assertEqual([made["added"], made["unchanged"], made["tokens_made"]], [0, 0, 60])
        self.assertEqual(made["tokens"][0]["documents"], 60)
        self.podium("index", self.plain, "--tokens", MODEL, stdout="^0 tokenized in ")
        self.assertEqual(self.search(self.plain)["tokens_from_index"], 60)

    def test_updates_and_deletes_never_serve_stale_tokens(self):
        changed = self.write("changed.jsonl", jsonl(passage(i, version=2) for i in range(10, 20)))
        for index in (self.plain, self.stored):
            self.podium("index", index, changed)
            self.podium("delete", index, "d0", "d59")
        self.assertEqual([self.tokens()["documents"], self.tokens()["missing"]], [48, 10])
        self.podium("info", self.stored, stdout=r"48 documents, 10 missing \(podium index DIR --tokens MODEL\)")
        self.assertEqual(self.assert_same_answers(), 48)
        made = self.podium("index", self.stored, changed, "--tokens", MODEL, "--json").json()
        self.assertEqual([made["unchanged"], made["tokens_made"]], [10, 10])
        self.assertEqual([self.tokens()["documents"], self.tokens()["missing"]], [58, 0])
        self.assertEqual(self.assert_same_answers(), 58)

    def test_another_tokenizer_has_a_cache_of_its_own(self):
        answer = self.podium("search", self.stored, "capital", "--rerank", OTHER_MODEL, "--json").json()
        self.assertEqual(answer["tokens_from_index"], 0)
        self.podium("index", self.stored, "--tokens", OTHER_MODEL)
        again = self.podium("search", self.stored, "capital", "--rerank", OTHER_MODEL, "--json").json()
        self.assertEqual(again["tokens_from_index"], 60)
        self.assertEqual(again["results"], answer["results"])
        self.assertEqual(len(self.podium("info", self.stored, "--json").json()["tokens"]), 2)

    def test_models_of_one_tokenizer_share_a_cache(self):
        copy = self.path("copy")
        shutil.copytree(MODEL, copy)
        with open(os.path.join(copy, "tokenizer.json"), encoding="utf-8") as file:
            tokenizer = json.load(file)
        tokenizer["truncation"] = {"max_length": 8, "stride": 0, "strategy": "LongestFirst", "direction": "Right"}
        with open(os.path.join(copy, "tokenizer.json"), "w", encoding="utf-8") as file:
            json.dump(tokenizer, file, indent=2)
        answer = self.podium("search", self.stored, "capital", "--rerank", copy, "--json").json()
        self.assertEqual(answer["tokens_from_index"], 60)

    def test_a_deleted_cache_costs_nothing_but_speed(self):
        shutil.rmtree(os.path.join(self.stored, self.tokens()["directory"]))
        self.assertEqual(self.assert_same_answers(), 0)

    def test_damage_is_told_and_mended(self):
        folder = os.path.join(self.stored, self.tokens()["directory"])
        for name, kept in (("ids-1", 5), ("table", 5)):
            with open(os.path.join(folder, name), "r+b") as file:
                file.truncate(kept)
            result = self.podium("search", self.stored, "capital", "--rerank", MODEL, "--json",
                                 stderr="warning: .*%s: 5 bytes, expected at least .*documents are tokenised" % name)
            self.assertEqual(result.json()["tokens_from_index"], 0)
            self.assertIn("error", self.tokens())
            self.podium("info", self.stored, stdout="^tokens +damaged: .*data corruption")
            self.podium("index", self.stored, "--tokens", MODEL, stderr="all tokens are made again",
                        stdout="^60 tokenized")
            self.assertEqual(self.assert_same_answers(), 60)
            self.podium("index", self.stored, "--tokens", MODEL, stdout="^0 tokenized")
            shutil.rmtree(folder)
            self.podium("index", self.stored, "--tokens", MODEL)

    def test_a_full_disk_is_told_and_keeps_what_was_committed(self):
        self.podium("index", self.plain, self.write("big.jsonl", jsonl(
            {"_id": "b%d" % i, "text": "a long passage about a capital city " * 40} for i in range(2000))))

        def limit():  # the kernel then refuses to let a file grow, as on a full disk
            resource.setrlimit(resource.RLIMIT_FSIZE, (100000, 100000))

        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        done = subprocess.run([PODIUM, "index", self.plain, "--tokens", MODEL, "--commit-every", "100"],
                              preexec_fn=limit, restore_signals=False, capture_output=True,
                              env=self.environment(), check=False)
        self.assertEqual(done.returncode, 1, done)
        self.assertIn(b"resource exhausted", done.stderr)
        cache = self.podium("info", self.plain, "--json").json()["tokens"][0]
        self.assertGreaterEqual(cache["documents"], 100)
        self.podium("index", self.plain, "--tokens", MODEL)
        self.assertEqual(self.search(self.plain, "--candidates", "500")["tokens_from_index"], 500)

    def test_wrong_input(self):
        self.usage_error("index", self.plain, stderr="files")
        self.podium("index", self.path("none"), "--tokens", MODEL, expect=1, stderr="there is no such index")
        self.assertFalse(os.path.exists(self.path("none")))
        self.podium("index", self.path("none"), self.corpus, "--tokens", "no-such-model", expect=1,
                    stderr="model no-such-model: no such directory")
        self.assertFalse(os.path.exists(self.path("none")), "nothing is indexed for a model that is not there")
        self.podium("index", self.plain, "--tokens", self.scratch, expect=1, stderr="neither tokenizer.json nor vocab.txt")


if __name__ == "__main__":
    main()
