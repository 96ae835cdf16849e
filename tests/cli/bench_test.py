"""podium bench: what it measures and what it refuses."""

import json

from podium_case import GOLDEN, PodiumCase, main

QUICK = ["--repeat", "1", "--min-time", "0", "--threads", "1"]


class BenchTest(PodiumCase):
    def bench(self, *arguments, **expectations):
        return self.podium("bench", *arguments, *QUICK, **expectations)

    def test_measures_a_model_in_every_precision(self):
        result = self.bench("--model", GOLDEN / "bert", "--pairs", "3", "--tokens", "20", "--json",
                            env={"PODIUM_FORCE_ISA": "scalar"}).json()
        self.assertEqual([entry["precision"] for entry in result["entries"]], ["fp32", "bf16x3", "bf16", "int8"])
        self.assertEqual(result["workloads"][0]["pairs"], 3)
        self.assertEqual(result["workloads"][0]["tokens"], 60)
        self.assertLess(result["workloads"][0]["gflop"], result["workloads"][0]["gflop_full"])
        for entry in result["entries"]:
            self.assertEqual(entry["isa"], "scalar")
            self.assertIsNone(entry["peak_gflops"])
            self.assertGreater(entry["ms"]["min"], 0)
            self.assertLessEqual(entry["ms"]["p50"], entry["ms"]["p99"])
            self.assertAlmostEqual(sum(stage["share"] for stage in entry["stages"].values()), 1, delta=0.05)
        self.assertEqual(result["entries"][0]["delta_over_std"], 0)
        self.assertGreater(result["entries"][2]["rms_delta_over_std"], 0)

    def test_prints_tables(self):
        self.bench("--model", GOLDEN / "bert", "--lengths", "16:2,30:3", "--precision", "fp32",
                   stdout=r"(?s)workload lengths.* 5 pairs.*precision +kernels +threads.*share of the workers' time")

    def test_takes_workloads_from_files(self):
        self.write("work.json", json.dumps({"x": {"input_ids": [[1, 5, 2, 6, 2], [1, 5, 2]], "segment0": 3},
                                            "y": {"input_ids": [[1, 2]]}}))
        whole = self.bench("--model", GOLDEN / "bert", "--precision", "fp32", "--workload", self.path("work.json"), "--json")
        self.assertEqual([entry["tokens"] for entry in whole.json()["workloads"]], [8, 2])
        one = self.bench("--model", GOLDEN / "bert", "--precision", "fp32", "--workload", f"{self.path('work.json')}:y", "--json")
        self.assertEqual([entry["name"] for entry in one.json()["workloads"]], ["y"])
        self.write("lengths", "16 2\n\n30 1\n")
        lengths = self.bench("--model", GOLDEN / "bert", "--precision", "fp32", "--lengths", self.path("lengths"), "--json")
        self.assertEqual(lengths.json()["workloads"][0]["pairs"], 3)

    def test_names_what_is_wrong(self):
        model = ["--model", GOLDEN / "bert"]
        self.bench(expect=1, stderr="give either --model or --shape")
        self.bench("--shape", "gpt-7", expect=2, stderr="gpt-7")
        self.bench(*model, "--precision", "fp8", expect=2, stderr="fp8")
        self.bench(*model, "--precision", "bf16", env={"PODIUM_FORCE_ISA": "avx2"}, expect=1,
                   stderr="precision bf16: the avx2 kernels of this CPU have no such product")
        self.bench(*model, "--pairs", "2", "--lengths", "3:4", expect=1, stderr="give one workload")
        self.bench(*model, "--run", "x", expect=1, stderr="--run, --corpus and --queries go together")
        self.bench("--shape", "minilm-l6", "--run", "x", "--corpus", "y", "--queries", "z", expect=1,
                   stderr="--run needs --model")
        self.bench(*model, "--tokens", "5000", expect=1, stderr=r"a pair of 5000 tokens: the model bert takes at most \d+")
        for lengths in ["12:", ":3", "0:4", "12:0", "a:b", "12:3,,"]:
            self.bench(*model, "--lengths", lengths, expect=1, stderr="expected tokens:count")
        self.bench(*model, "--workload", self.path("none.json"), expect=1, stderr="none.json")
        self.write("bad.json", json.dumps({"x": {"input_ids": [[1, "two"]]}}))
        self.bench(*model, "--workload", self.path("bad.json"), expect=1, stderr='request "x": pair 0: "two" is not a token id')
        self.write("empty.json", json.dumps({"x": {"input_ids": []}}))
        self.bench(*model, "--workload", self.path("empty.json"), expect=1, stderr='expected an array "input_ids"')


if __name__ == "__main__":
    main()
