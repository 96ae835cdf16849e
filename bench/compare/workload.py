"""The requests that every engine is timed on: one query and documents as token ids and as text.

    A   100 documents, every pair 128 tokens
    B   100 documents of mixed lengths
    C   one document, the pair 128 tokens
    D   100 documents, every pair 256 tokens

Every word is a whole entry of the vocabulary, so a WordPiece tokenizer turns the text into exactly these ids: [CLS] query [SEP] document
[SEP], segment 0 up to the first [SEP] and 1 after it. The same vocabulary gives the same requests everywhere.
"""

import itertools
import json
import random
import re

QUERY_WORDS = 10
SPECIAL_TOKENS = 3  # [CLS], [SEP], [SEP]
SEGMENT_0 = QUERY_WORDS + 2  # tokens before the document: segment 0

# The pair lengths of B, special tokens included: round(110 exp(0.6 z)) + 13 clipped to 16..510, with z standard normal
# (numpy.random.RandomState(7)). Lengths of web passages are close to lognormal; 110 tokens is about MS MARCO's middle, and with 0.6 one
# passage in a hundred is at four times that.
MIXED_LENGTHS = (
    316, 96, 125, 153, 82, 123, 123, 51, 216, 171, 89, 112, 162, 107, 108, 59, 166, 131, 143, 57, 309, 134, 100, 385, 120, 59, 99, 41, 219, 99,
    83, 222, 54, 165, 45, 87, 66, 277, 330, 103, 195, 112, 168, 83, 52, 50, 151, 437, 142, 93, 359, 140, 130, 141, 115, 104, 60, 162, 117, 238,
    101, 48, 117, 318, 100, 77, 67, 72, 105, 67, 283, 106, 130, 274, 284, 110, 147, 184, 111, 51, 176, 201, 154, 76, 111, 90, 105, 253, 288, 177,
    166, 178, 122, 118, 86, 119, 440, 198, 103, 96)

LENGTHS = {"A": (128,) * 100, "B": MIXED_LENGTHS, "C": (128,), "D": (256,) * 100}


class WordSource:
    """Words of a vocabulary drawn with a Zipf-like frequency, as in real text."""

    def __init__(self, vocabulary, seed):
        self.vocabulary = vocabulary
        self.words = [word for word, _ in sorted(vocabulary.items(), key=lambda entry: entry[1]) if re.fullmatch("[a-z]{2,}", word)]
        if not self.words:
            raise ValueError("the vocabulary has no word of lower-case letters")
        # Rank 1 of the list is no function word, so the head of the curve is cut off.
        self.cumulative = list(itertools.accumulate(1.0 / rank for rank in range(20, 20 + len(self.words))))
        self.random = random.Random(seed)

    def draw(self, count):
        return self.random.choices(self.words, cum_weights=self.cumulative, k=count)

    def ids(self, words):
        return [self.vocabulary[word] for word in words]


def make_request(name, source):
    cls, sep = source.vocabulary["[CLS]"], source.vocabulary["[SEP]"]
    query = source.draw(QUERY_WORDS)
    documents = [source.draw(length - QUERY_WORDS - SPECIAL_TOKENS) for length in LENGTHS[name]]
    return {
        "name": name,
        "query": " ".join(query),
        "documents": [" ".join(words) for words in documents],
        "segment0": SEGMENT_0,
        "input_ids": [[cls] + source.ids(query) + [sep] + source.ids(words) + [sep] for words in documents],
    }


def make_requests(tokenizer):
    """name -> request, for a parsed tokenizer.json."""
    vocabulary = tokenizer["model"]["vocab"]
    for token in ("[CLS]", "[SEP]"):
        if token not in vocabulary:
            raise ValueError("the tokenizer has no %s: only BERT's are supported" % token)
    source = WordSource(vocabulary, seed=7)
    return {name: make_request(name, source) for name in LENGTHS}


def write_requests(tokenizer_path, path):
    with open(tokenizer_path, encoding="utf-8") as file:
        requests = make_requests(json.load(file))
    with open(path, "w", encoding="utf-8") as file:
        json.dump(requests, file)
        file.write("\n")
