#!/usr/bin/env python3
"""Makes a corpus of any size out of real text: passages of some sixty words, each of a few sentences drawn from the
documents of a BEIR-layout corpus (or any JSON lines with "text").

    make_corpus.py 1000000 scifact/corpus.jsonl nfcorpus/corpus.jsonl > corpus.jsonl

A passage is two runs of neighbouring sentences from two documents, so that words keep company as they do in prose, while
nearly no passage repeats. Frequencies of words are those of the sources: in a corpus of a narrow field the words of its
queries are in a larger share of passages than in a broad one, which makes the benchmark harder than life. The same
arguments give the same corpus.
"""

import json
import random
import re
import sys

WORDS = 60
SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z0-9\"'(])")


def sentences(path):
    """Lists of sentences, one list for each document of a file."""
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            document = json.loads(line)
            parts = [part.strip() for part in SENTENCE_END.split(document["text"]) if part.strip()]
            if parts:
                yield parts


def run_of(document, words, rng):
    """Neighbouring sentences with at least `words` words, from a random place; fewer at the end of the document."""
    start = rng.randrange(len(document))
    taken = []
    count = 0
    for sentence in document[start:]:
        taken.append(sentence)
        count += sentence.count(" ") + 1
        if count >= words:
            break
    return taken


def main():
    size = int(sys.argv[1])
    documents = [parts for path in sys.argv[2:] for parts in sentences(path)]
    rng = random.Random(size)
    out = sys.stdout
    for i in range(size):
        passage = run_of(rng.choice(documents), WORDS // 3, rng) + run_of(rng.choice(documents), WORDS // 3, rng)
        out.write(json.dumps({"_id": "p%d" % i, "text": " ".join(passage)}, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
