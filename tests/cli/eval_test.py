"""podium eval: equal to trec_eval byte for byte, its other formats, and what it says about bad input."""

import csv
import gzip
import io

from podium_case import GOLDEN, PodiumCase, main

METRICS = GOLDEN / "metrics"
OPTIONS = {"q": [], "q_c": ["-c"], "q_l2": ["-l", "2"], "q_M10": ["-M", "10"], "q_float32": ["--float32-scores"]}
QRELS = "query-id\tcorpus-id\tscore\nq1\td1\t2\nq1\td2\t0\nq2\td3\t1\nq3\td4\t1\n"
RUN_A = "q1 Q0 d2 1 3 a\nq1 Q0 d1 2 2 a\nq2 Q0 d3 1 1 a\nq9 Q0 d3 1 1 a\n"
RUN_B = '{"q1": {"d1": 3, "d2": 2}, "q2": {"d1": 1, "d3": 0.5}, "q3": {"d4": 1}}'


class GoldenTest(PodiumCase):
    def test_prints_what_trec_eval_prints(self):
        files = sorted(METRICS.glob("*/trec_eval.*.txt"))
        self.assertEqual(len(files), 25)
        for expected in files:
            with self.subTest(expected=str(expected.relative_to(METRICS))):
                lines = expected.read_bytes()
                names = dict.fromkeys(line.split()[0].decode() for line in lines.splitlines())
                names.pop("num_q")
                result = self.podium("eval", expected.parent / "qrels.txt", expected.parent / "run.txt", "-q",
                                     "--format", "trec", "-m", ",".join(["num_q", *names]),
                                     *OPTIONS[expected.stem.split(".")[1]])
                self.assertEqual(result.stdout_bytes, lines)


class FormatTest(PodiumCase):
    def setUp(self):
        super().setUp()
        self.qrels = self.write("test.tsv", QRELS)
        self.a = self.write("a.trec", RUN_A)
        self.b = self.write("b.json", RUN_B)

    def test_text_states_the_queries_and_warns_on_stderr(self):
        result = self.podium("eval", self.qrels, self.a, stderr="a.trec: 1 query without judgements left out .*q9")
        self.assertRegex(result.stdout, r"run +nDCG@10 +AP +RR@10 +P@10 +Recall@100 +Judged@10\n")
        self.assertRegex(result.stdout, r"a.trec +0.8155 +0.7500 +0.7500 +0.1000 +1.0000 +1.0000\n")
        self.assertIn("averaged over the 2 judged queries with results; 1 without are left out", result.stdout)
        self.assertIn("1 query of 3 judged without results left out; --complete counts them as 0", result.stderr)

    def test_complete_counts_every_judged_query(self):
        result = self.podium("eval", self.qrels, self.a, "--complete", "-m", "ap", "--json").json()
        self.assertAlmostEqual(result["runs"][0]["means"]["AP"], 0.5)
        self.assertEqual(result["runs"][0]["queries"], 3)
        self.assertEqual(result["runs"][0]["judged_queries_without_results"], 1)

    def test_compares_several_runs(self):
        result = self.podium("eval", self.qrels, self.a, self.b, "-m", "RR", stderr="not comparable")
        self.assertRegex(result.stdout, r"Against a.trec:\n")
        self.assertRegex(result.stdout, r"b.json +RR +\+0.0000 +1 +0 +1 ")
        self.assertIn("Two-sided p over the 2 queries of both runs; the randomisation test tried every", result.stdout)
        swapped = self.podium("eval", self.qrels, self.a, self.b, "--baseline", self.b, "-c", "-m", "RR", "--json").json()
        self.assertEqual(swapped["baseline"], "b.json")
        self.assertEqual([c["run"] for c in swapped["comparisons"]], ["a.trec"])
        self.assertAlmostEqual(swapped["comparisons"][0]["difference"], -1 / 3)

    def test_the_seed_makes_the_randomisation_test_repeatable(self):
        lines = ["q%d Q0 d%d 1 1 t\n" % (q, q % 3) for q in range(40)]
        qrels = self.write("many.qrels", "".join("q%d 0 d1 1\n" % q for q in range(40)))
        one = self.write("one.trec", "".join(lines))
        two = self.write("two.trec", "".join(lines[:30]).replace(" d2 ", " d1 ") + "".join(lines[30:]).replace(" d1 ", " d2 "))
        arguments = ("eval", qrels, one, two, "-m", "P@1", "--json", "--permutations", "3000")
        first, again, other = (self.podium(*arguments, "--seed", seed).json()["comparisons"][0] for seed in (1, 1, 2))
        self.assertEqual(first, again)
        self.assertEqual(first["permutations"], 3000)
        self.assertFalse(first["exact"])
        self.assertNotEqual(first["randomisation_p"], other["randomisation_p"])

    def test_per_query_in_every_format(self):
        text = self.podium("eval", self.qrels, self.a, self.b, "-q", "-m", "rr").stdout
        self.assertRegex(text, r"q2 +a.trec +1.0000\nq2 +b.json +0.5000\n")
        rows = list(csv.DictReader(io.StringIO(
            self.podium("eval", self.qrels, self.b, "-q", "-m", "rr", "--format", "csv").stdout)))
        self.assertEqual([(r["query"], r["value"]) for r in rows],
                         [("q1", "1"), ("q2", "0.5"), ("q3", "1"), ("all", "0.8333333333333334")])
        markdown = self.podium("eval", self.qrels, self.b, "-q", "-m", "rr", "--format", "markdown").stdout
        self.assertIn("| b.json | q2 | 0.5000 |\n", markdown)
        values = self.podium("eval", self.qrels, self.b, "-q", "-m", "rr", "--format", "json").json()
        self.assertEqual(values["runs"][0]["per_query"]["q2"]["RR"], 0.5)

    def test_reads_standard_input_and_compressed_files(self):
        expected = self.podium("eval", self.qrels, self.b, "-m", "rr", "--json").json()["runs"][0]["means"]
        piped = self.podium("eval", self.qrels, "-", "-m", "rr", "--json", stdin=RUN_B).json()
        self.assertEqual(piped["runs"][0]["means"], expected)
        packed = self.write("b.json.gz", gzip.compress(RUN_B.encode()))
        self.assertEqual(self.podium("eval", self.qrels, packed, "-m", "rr", "--json").json()["runs"][0]["means"], expected)
        self.podium("eval", self.qrels, "-", expect=1, stderr="standard input: the file is empty")

    def test_exclude_self(self):
        run = self.write("self.trec", "q1 Q0 q1 1 9 t\nq1 Q0 d1 2 8 t\n")
        self.assertRegex(self.podium("eval", self.qrels, run, "-m", "rr").stdout, "self.trec +0.5000")
        self.assertRegex(self.podium("eval", self.qrels, run, "-m", "rr", "--exclude-self").stdout, "self.trec +1.0000")


class ErrorTest(PodiumCase):
    def test_names_file_and_line(self):
        qrels = self.write("q.txt", "q1 0 d1 1\n")
        run = self.write("r.txt", "q1 Q0 d1 1 0.5 t\nq1 Q0 d2 2 zero t\n")
        self.podium("eval", qrels, run, expect=1, stderr=r'r.txt:2: expected a number as score .* found "zero"')
        self.podium("eval", run, run, expect=1, stderr=r"r.txt:1: expected 4 columns")
        self.podium("eval", qrels, self.path("none"), expect=1, stderr="none")
        empty = self.write("empty.txt", "")
        self.podium("eval", qrels, empty, expect=1, stderr="empty.txt: the file is empty")
        other = self.write("other.txt", "x Q0 d1 1 0.5 t\n")
        self.podium("eval", qrels, other, expect=1, stderr="other.txt: none of the 1 queries of the run is among")

    def test_refuses_wrong_usage(self):
        qrels = self.write("q.txt", "q1 0 d1 1\n")
        run = self.write("r.txt", "q1 Q0 d1 1 0.5 t\n")
        self.usage_error("eval", qrels, stderr="runs")
        self.usage_error("eval", qrels, run, "-m", "err@20", stderr=r'no measure "err@20"; there are: nDCG\[@K\]')
        self.usage_error("eval", qrels, run, "-l", "0")
        self.usage_error("eval", qrels, run, "--format", "xml")
        self.usage_error("eval", qrels, run, run, "--format", "trec", stderr="one run at a time")
        self.usage_error("eval", qrels, run, "--baseline", "x", stderr="x is not one of the runs")


if __name__ == "__main__":
    main()
