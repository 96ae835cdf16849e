"""podium index, get, delete and info, seen from outside."""

import gzip
import json
import os
import resource
import signal
import subprocess
import time

from podium_case import PODIUM, PodiumCase, main


def jsonl(rows):
    return "".join(json.dumps(row) + "\n" for row in rows)


ROWS = [{"_id": "a", "title": "Cats", "text": "cats run", "year": 2020},
        {"_id": "b", "text": "dogs sleep"},
        {"_id": 3, "text": "birds"}]


class IndexTest(PodiumCase):
    def index(self, *files, **checks):
        return self.podium("index", self.path("i"), *files, **checks)

    def get(self, document, *more):
        return self.podium("get", self.path("i"), document, "--json", *more).json()

    def test_indexes_and_says_so(self):
        result = self.index(self.write("c.jsonl", jsonl(ROWS)))
        self.assertRegex(result.stdout, r": 3 documents, .* on disk\n3 added, 0 updated, 0 unchanged in ")
        again = self.index(self.path("c.jsonl"), "--json").json()
        self.assertEqual([again[name] for name in ("added", "updated", "unchanged", "bad", "documents")],
                         [0, 0, 3, 0, 3])
        self.assertEqual(list(again), ["index", "added", "updated", "unchanged", "bad", "documents", "generation",
                                       "seconds", "text_bytes", "index_bytes", "tokens_made", "token_seconds",
                                       "tokens"])

    def test_get_prints_what_was_indexed(self):
        self.index(self.write("c.jsonl", jsonl(ROWS)))
        self.assertEqual(self.get("a"), {"id": "a", "title": "Cats", "text": "cats run", "fields": {"year": 2020}})
        self.assertEqual(self.get("3")["text"], "birds")
        self.podium("get", self.path("i"), "a", stdout=r"\ACats\n\ncats run\n\nyear: 2020\n\Z")
        self.podium("get", self.path("i"), "x", expect=1, stderr="no document 'x'")
        self.podium("get", self.path("none"), "x", expect=1, stderr="none: there is no such index")

    def test_reads_every_format(self):
        self.write("folder/deep/n.md", "a note")
        self.index(self.write("c.csv", "id,text,lang\nc1,\"a, \"\"b\"\"\",en\n"),
                   self.write("t.tsv.gz", gzip.compress(b"id\ttext\nt1\ttabs\n")),
                   self.write("j", '{"id":"j1","contents":"x"}'), self.path("folder"))
        self.assertEqual(self.get("c1")["text"], 'a, "b"')
        self.assertEqual(self.get("c1")["fields"], {"lang": "en"})
        self.assertEqual(self.get("t1")["text"], "tabs")
        self.assertEqual(self.get("deep/n.md")["text"], "a note")

    def test_reads_standard_input_and_named_fields(self):
        self.index("-", "--id-field", "k", "--text-field", "body", "--title-field", "head",
                   stdin='{"k":"1","body":"b","head":"h"}\n')
        self.assertEqual(self.get("1"), {"id": "1", "title": "h", "text": "b", "fields": {}})
        self.index("-", "--format", "tsv", "--columns", "id,text", stdin="9\tnine\n")
        self.assertEqual(self.get("9")["text"], "nine")

    def test_bad_line_stops_before_anything_is_written(self):
        good = self.write("good.jsonl", jsonl(ROWS))
        bad = self.write("bad.jsonl", '{"_id":"x","text":"t"}\n{"_id":"y"}\n')
        self.index(good, bad, expect=1, stderr=r"nothing was indexed.*: .*bad\.jsonl:2: no text")
        self.assertFalse(os.path.exists(self.path("i")))
        # From a pipe nothing can be checked beforehand: then nothing is committed.
        self.index("-", expect=1, stdin='{"_id":"x","text":"t"}\n{\n', stderr="standard input:2: column")
        self.podium("info", self.path("i"), stdout="^documents +0$")

    def test_bad_lines_are_skipped_and_counted_on_request(self):
        bad = self.write("bad.jsonl", "{\n" * 7 + '{"_id":"x","text":"t"}\n')
        result = self.index(bad, "--skip-bad", stdout=r"1 added, 0 updated, 0 unchanged, 7 bad skipped")
        self.assertEqual(result.stderr.count("warning: skipped "), 5)
        self.assertIn("bad.jsonl:1:", result.stderr)
        self.assertIn("more bad records", result.stderr)

    def test_last_of_an_id_wins(self):
        self.index(self.write("c.jsonl", jsonl([{"id": 1, "text": "old"}, {"id": 1, "text": "new"}])),
                   stdout="1 added, 1 updated")
        self.assertEqual(self.get("1")["text"], "new")

    def test_language_is_fixed(self):
        corpus = self.write("c.jsonl", jsonl([{"id": 1, "text": "die Häuser"}]))
        self.index(corpus, "--language", "klingon", expect=1, stderr='unknown language "klingon"')
        self.index(corpus, "--language", "german")
        info = self.podium("info", self.path("i"), "--json").json()
        self.assertEqual(info["analyzer"]["language"], "german")
        self.index(corpus, "--language", "english", expect=1, stderr="cannot change to")
        self.index(corpus)

    def test_delete(self):
        self.index(self.write("c.jsonl", jsonl(ROWS)))
        self.podium("delete", self.path("i"), "a", stdout="^1 deleted, 2 documents left$")
        result = self.podium("delete", self.path("i"), "b", "x", "--json", expect=1, stderr="no document 'x'")
        self.assertEqual(result.json(), {"deleted": 1, "missing": ["x"], "documents": 1})
        self.podium("get", self.path("i"), "b", expect=1)
        self.podium("delete", self.path("none"), "a", expect=1, stderr="there is no such index")
        self.assertFalse(os.path.exists(self.path("none")))

    def test_info(self):
        self.index(self.write("c.jsonl", jsonl(ROWS)))
        info = self.podium("info", self.path("i"), "--json").json()
        self.assertEqual(list(info), ["index", "format_version", "generation", "documents", "average_length",
                                      "analyzer", "bytes", "tokens"])
        self.assertEqual(info["documents"], 3)
        self.podium("info", self.scratch, expect=1, stderr="not an index")

    def test_foreign_folders_are_left_alone(self):
        corpus = self.write("c.jsonl", jsonl(ROWS))
        self.podium("index", self.scratch, corpus, expect=1, stderr="neither an index nor empty")

    def test_unknown_format_is_named(self):
        self.index(self.write("c.x", "1"), "--format", "xml", expect=1, stderr='unknown format "xml"')
        self.usage_error("index", self.path("i"))

    def big_corpus(self, documents):
        words = ["word%d" % i for i in range(5000)]
        return self.write("big.jsonl", "".join(
            '{"id":"d%d","text":"%s"}\n' % (i, " ".join(words[(i * 7 + j * 13) % 5000] for j in range(40)))
            for i in range(documents)))

    def test_full_disk_is_told_and_keeps_what_was_committed(self):
        self.index(self.write("c.jsonl", jsonl(ROWS)))

        def limit():  # the kernel then refuses to let a file grow, as on a full disk
            resource.setrlimit(resource.RLIMIT_FSIZE, (400000, 400000))

        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        done = subprocess.run([PODIUM, "index", self.path("i"), self.big_corpus(5000)], preexec_fn=limit,
                              restore_signals=False, capture_output=True, env=self.environment(), check=False)
        self.assertEqual(done.returncode, 1, done)
        self.assertIn(b"resource exhausted", done.stderr)
        self.assertIn(b"File too large", done.stderr)
        self.podium("info", self.path("i"), stdout="^documents +3$")
        self.assertEqual(self.get("b")["text"], "dogs sleep")

    def test_ctrl_c_commits_what_is_done(self):
        corpus = self.big_corpus(60000)
        with subprocess.Popen([PODIUM, "index", self.path("i"), corpus, "--skip-bad", "--commit-every", "500"],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=self.environment()) as process:
            for line in process.stderr:
                if b"committed" in line:
                    break
            process.send_signal(signal.SIGINT)
            rest = process.communicate(timeout=60)[1]
        self.assertEqual(process.returncode, 1)
        self.assertIn(b"cancelled: stopped by the user", rest)
        documents = self.podium("info", self.path("i"), "--json").json()["documents"]
        self.assertGreaterEqual(documents, 500)
        self.assertLess(documents, 60000)

    def test_a_second_writer_is_refused(self):
        fifo = self.path("fifo")
        os.mkfifo(fifo)
        with subprocess.Popen([PODIUM, "index", self.path("i"), fifo, "--format", "jsonl"],
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            with open(fifo, "w", encoding="utf-8") as pipe:
                for _ in range(600):
                    if os.path.exists(self.path("i/lexical/iamglass")):
                        break
                    time.sleep(0.05)
                self.index(self.write("c.jsonl", jsonl(ROWS)), expect=1, stderr="another process is writing")
                pipe.write('{"id":"z","text":"last"}\n')
        self.assertEqual(process.returncode, 0)
        self.assertEqual(self.get("z")["text"], "last")


if __name__ == "__main__":
    main()
