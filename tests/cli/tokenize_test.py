"""podium tokenize, seen from outside."""

import json

from podium_case import GOLDEN, PodiumCase, main

MODEL = GOLDEN / "bert"


class TokenizeTest(PodiumCase):
    def test_columns_for_people(self):
        result = self.podium("tokenize", "--model", MODEL, "capital of France")
        self.assertRegex(result.stdout, r"(?m)^1 +165 +capital +0\.\.7 +0 +capital$")
        self.assertIn("[SEP]", result.stdout)

    def test_json_of_a_pair(self):
        answer = self.podium("tokenize", "--model", MODEL, "--json", "--pair", "Paris", "capital").json()
        self.assertEqual(answer["tokens"], ["[CLS]", "capital", "[SEP]", "paris", "[SEP]"])
        self.assertEqual(answer["type_ids"], [0, 0, 0, 1, 1])
        self.assertEqual(answer["offsets"][1], [0, 7])

    def test_lines_of_standard_input(self):
        result = self.podium("tokenize", "--model", MODEL, "--json", stdin="capital\nof\n")
        self.assertEqual([a["text"] for a in result.json_lines()], ["capital", "of"])

    def test_truncation_is_reported(self):
        answer = self.podium("tokenize", "--model", MODEL, "--json", "--max-length", "5", "--pair",
                             "capital capital capital capital", "of", "--truncation", "only_second").json()
        self.assertEqual(len(answer["ids"]), 5)
        self.assertEqual(answer["dropped"], [0, 3])

    def test_check_agrees_with_the_recorded_cases(self):
        cases = GOLDEN / "bert" / "e2e.json"
        self.podium("tokenize", "--model", MODEL, "--check", cases, stdout=r"cases: ids +75 +75")

    def test_check_fails_on_a_difference(self):
        cases = self.write("e2e.json", json.dumps({"cases": [
            {"query": "capital", "document": "of", "truncation": "longest_first", "max_length": 64,
             "input_ids": [2, 7, 3, 153, 3], "token_type_ids": [0, 0, 0, 1, 1]}]}))
        self.podium("tokenize", "--model", MODEL, "--check", cases, expect=1)

    def test_wrong_input(self):
        self.podium("tokenize", "--model", self.path("gone"), "x", expect=1, stderr="gone")
        self.podium("tokenize", "--model", self.write("tokenizer.json", "{"), "x", expect=1,
                    stderr="tokenizer.json: The JSON document has an improper structure")
        self.podium("tokenize", "--model", MODEL, "--check", self.path("gone"), expect=1, stderr="gone")
        self.usage_error("tokenize", "x", stderr="--model")
        self.usage_error("tokenize", "--model", MODEL, "--truncation", "middle", "x", stderr="--truncation")


if __name__ == "__main__":
    main()
