"""podium model: what it says about a model, and how it compares one with its reference."""

import json
import shutil

from podium_case import GOLDEN, PodiumCase, main


class InfoTest(PodiumCase):
    def test_describes_a_classifier(self):
        info = self.podium("model", "info", GOLDEN / "xlm_roberta", "--json").json()
        self.assertEqual(info["architecture"], "XLMRobertaForSequenceClassification")
        self.assertEqual(info["max_tokens"], 64)
        self.assertEqual(info["score_activation"], "sigmoid")
        self.assertEqual(info["score_activation_source"], "default for 1 label")
        self.podium("model", "info", GOLDEN / "xlm_roberta", stdout=r"score +sigmoid \(default for 1 label\)")

    def test_describes_an_embedder(self):
        result = self.podium("model", "info", GOLDEN / "bi_bert_cls", stdout=r"pooling +cls \(.*modules.json\)")
        self.assertRegex(result.stdout, r"outputs +a vector of 48, normalised to length 1")

    def test_says_which_kernels_and_why(self):
        self.podium("model", "info", GOLDEN / "bert", env={"PODIUM_FORCE_ISA": "scalar"},
                    stdout=r"kernels +scalar \(PODIUM_FORCE_ISA\)")
        self.podium("model", "info", GOLDEN / "bert", env={"PODIUM_FORCE_ISA": None}, stdout=r"kernels +\w+ \(the best")

    def test_names_the_file_that_is_missing(self):
        self.podium("model", "info", self.path("nowhere"), expect=1, stderr="nowhere")
        self.write("empty/readme", "")
        self.podium("model", "info", self.path("empty"), expect=1, stderr="empty/config.json")


class CheckTest(PodiumCase):
    def copy(self, name):
        shutil.copytree(GOLDEN / name, self.path("model"))
        return self.scratch / "model"

    def test_passes_every_family_on_every_instruction_set(self):
        for name in ["bert", "distilbert", "electra", "roberta", "xlm_roberta", "bi_bert_cls", "bi_bert_mean",
                     "bi_mpnet_mean"]:
            with self.subTest(model=name):
                checks = self.podium("model", "check", GOLDEN / name, GOLDEN / name / "cases.json", "--isa", "all",
                                     "--json").json()
                self.assertGreaterEqual(len(checks), 1)
                for check in checks:
                    self.assertTrue(check["passed"])
                    self.assertEqual(check["batch"]["differences"], 0)
                    self.assertTrue(any(output["primary"] for output in check["outputs"]))

    def test_prints_a_table(self):
        result = self.podium("model", "check", GOLDEN / "bert", GOLDEN / "bert" / "cases.json", "--threads", "2")
        self.assertRegex(result.stdout, r"kernels +output +cases +worst error +noise floor +ratio +verdict")
        self.assertRegex(result.stdout, r"\w+ +logits +20 .* ok ")
        self.assertRegex(result.stdout, r"edge logits +1 .* ok ")
        self.assertRegex(result.stdout, r"batch of 5 cases: equal to single runs bit for bit")

    def test_checks_texts_too(self):
        for name in ["bert", "roberta", "xlm_roberta"]:
            with self.subTest(model=name):
                texts = self.podium("model", "check", GOLDEN / name, "--json").json()["texts"]
                self.assertGreater(texts["pairs"], 50)
                self.assertEqual(texts["token_differences"], 0)
                self.assertTrue(texts["logit"]["passed"])

    def test_fails_past_the_tolerance(self):
        model = self.copy("bert")
        config = json.loads((model / "config.json").read_text())
        config["hidden_act"] = "gelu_new"
        (model / "config.json").write_text(json.dumps(config))
        result = self.podium("model", "check", model, model / "cases.json", expect=1,
                             stderr="not equal to the reference within 20 times its noise")
        self.assertRegex(result.stdout, r"logits .* off ")

    def test_refuses_wrong_uses(self):
        self.usage_error("model", stderr="subcommand")
        self.usage_error("model", "check", GOLDEN / "bert", self.path("nothing.json"), stderr="does not exist")
        self.podium("model", "check", GOLDEN / "bert", "--isa", "mmx", expect=1, stderr="mmx")
        shutil.copytree(GOLDEN / "distilbert", self.path("bare"))
        (self.scratch / "bare" / "cases.json").unlink()
        self.podium("model", "check", self.path("bare"), expect=1, stderr="neither cases.json nor e2e.json")

    def test_refuses_malformed_case_files(self):
        for text, message in [("{}", '"kind"|kind'), ('{"kind": "causal"}', 'kind "causal" is not one of'),
                              ('{"kind": "classify", "primary": "logits", "cases": []}', '"cases" that is not empty'),
                              ('{"kind": "classify", "primary": "logits", "cases": [{"name": "a", "input_ids": [-1]}]}',
                               "-1 is not a token id"),
                              ('{"kind": "classify", "primary": "logits", "batch": ["b"], '
                               '"cases": [{"name": "a", "input_ids": [1]}]}', 'no case is named "b"'),
                              ('{"kind": "classify", "primary": "logits", '
                               '"cases": [{"name": "a", "input_ids": [1], "logits": [1, 2]}]}',
                               "logits has 2 values, the model gives 1"),
                              ('{"kind": "embed", "primary": "mean", '
                               '"cases": [{"name": "a", "input_ids": [1], "mean": [1]}]}', "do not fit"),
                              ('{"cases": [{"query": "a"}]}', "document")]:
            with self.subTest(text=text):
                self.podium("model", "check", GOLDEN / "bert", self.write("cases.json", text), expect=1,
                            stderr="cases.json.*" + message)


if __name__ == "__main__":
    main()
