"""Every call of Podium that the comparison makes."""

import json

import measure
from engines import Configuration

PRECISIONS = ("fp32", "bf16", "int8", "bf16x3", "auto")
# Instruction sets that fp32 is also held to (docs/environment_variables.md).
FP32_LIMITS = ("avx512", "avx2")


def configurations(threads):
    whole = (0,)  # Podium forms its own blocks of the whole request
    yield from (Configuration("podium", precision, threads=threads, batches=whole) for precision in PRECISIONS)
    yield from (Configuration("podium", "fp32", threads=threads, limit=limit, batches=whole) for limit in FP32_LIMITS)


class Podium:
    def __init__(self, binary, folder, requests):
        self.binary, self.folder, self.path = str(binary), folder, requests
        with open(requests, encoding="utf-8") as file:
            self.requests = json.load(file)

    @staticmethod
    def environment(configuration):
        return {"PODIUM_FORCE_ISA": configuration.limit or None}

    def logits(self, configuration, model, name):
        """Raw scores of a workload's documents, from their text."""
        request = self.requests[name]
        documents = self.folder / ("%s.jsonl" % name)
        lines = [json.dumps({"_id": str(i), "text": text}) + "\n" for i, text in enumerate(request["documents"])]
        documents.write_text("".join(lines), encoding="utf-8")
        command = [self.binary, "rerank", "--model", str(self.folder / model), "--precision", configuration.precision, "--json",
                   "--scores", "raw", "--threads", str(configuration.threads), "--query", request["query"], str(documents)]
        results = measure.parse_json(measure.run_wrapped(command, self.environment(configuration)))["results"]
        results.sort(key=lambda result: result["index"])
        for result, ids in zip(results, request["input_ids"]):
            if result["tokens"] != len(ids):
                raise measure.Failure("document %d has %d tokens, expected %d" % (result["index"], result["tokens"], len(ids)))
        return [result["raw"] for result in results]

    def time(self, configuration, model, name, seconds):
        """What of a measurement depends on the run: version, ms_min, ms_median, label, share_of_peak and foreign."""
        command = [self.binary, "bench", "--model", str(self.folder / model), "--workload", "%s:%s" % (self.path, name),
                   "--precision", configuration.precision, "--threads", str(configuration.threads), "--repeat", "1",
                   "--min-time", str(seconds), "--json"]
        result, foreign = measure.measure(command, self.environment(configuration))
        entry = result["entries"][0]
        chosen = ", chose " + entry["precision"] if configuration.precision == "auto" else ""
        return {"version": result["podium"], "ms_min": entry["ms"]["min"], "ms_median": entry["ms"]["p50"],
                "label": configuration.label() + chosen, "share_of_peak": entry["share_of_peak_full"], "foreign": foreign}
