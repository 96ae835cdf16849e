#!/usr/bin/env python3
"""Times Podium beside ONNX Runtime, PyTorch and llama.cpp on the same checkpoints and prints tables in Markdown.

Called by run.sh, which builds what is needed. Every configuration runs in a process of its own. First the logits of all are compared, then
every batch size is tried once, then the best two configurations of each engine and precision are timed in rounds, so that a machine that
becomes slower does so for all. Progress goes to standard error, the tables to standard output.
"""

import argparse
import json
import math
import os
import pathlib
import platform
import statistics
import subprocess
import sys
import tempfile

import measure
import podium_engine
import summary
import workload
from engines import HERE, RIVALS, TITLES, Configuration, Rivals, configurations

MODELS = ("minilm-l6", "minilm-l12", "bert-base")
ROOT = HERE.parents[1]
AGREEMENT_WORKLOAD = "B"  # mixed lengths: padding and masks count
AGREEMENT_BATCH = 8
# The rounds keep the best configurations of each engine, precision and limit: this many, if the second is nearly as fast as the first.
FINALISTS = 2
CLOSE = 1.15
WORSE = 1.1  # two batch sizes in a row this much slower than the best end the search for larger ones
CPU_FLAGS = ("avx2", "avx_vnni", "avx512f", "avx512_vnni", "avx512_bf16", "amx_tile", "amx_bf16", "amx_int8")


def say(text):
    print(text, file=sys.stderr, flush=True)


def is_current(path, *sources):
    """Whether a file is there and no older than what it is made from."""
    return path.exists() and all(path.stat().st_mtime >= pathlib.Path(source).stat().st_mtime for source in sources)


def parse_arguments(argv):
    parser = argparse.ArgumentParser(prog="bench/compare/run.sh", description=__doc__.splitlines()[0])
    parser.add_argument("--models", default=",".join(MODELS), help="of %(default)s")
    parser.add_argument("--workloads", default="A,B,C", help="of %s (default: %%(default)s)" % ",".join(workload.LENGTHS))
    parser.add_argument("--engines", default=",".join(("podium",) + RIVALS), help="of %(default)s")
    parser.add_argument("--threads", type=int, default=os.cpu_count(), help="CPUs that every engine may use (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=3, help="timed rounds (default: %(default)s)")
    parser.add_argument("--seconds", type=float, default=5.0, help="one measurement, after a pass to warm up (default: %(default)s)")
    parser.add_argument("--quick", action="store_true", help="one model, one round, short measurements, few batch sizes: does it work?")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE", help="write every measurement to FILE")
    parser.add_argument("--report", type=pathlib.Path, metavar="FILE", help="measure nothing: print the tables of a file that --json wrote")
    parser.add_argument("--folder", type=pathlib.Path, default=ROOT / "build/compare",
                        help="packages, checkpoints and graphs (default: build/compare)")
    parser.add_argument("--build", type=pathlib.Path, default=pathlib.Path(os.environ.get("PODIUM_BUILD_DIR", ROOT / "build/check")),
                        help="the build of podium and make_checkpoint (default: build/check)")
    arguments = parser.parse_args(argv)
    for name, known in (("models", MODELS), ("workloads", tuple(workload.LENGTHS)), ("engines", ("podium",) + RIVALS)):
        chosen = getattr(arguments, name).split(",")
        for one in chosen:
            if one not in known:
                parser.error("--%s: no %s; there are %s" % (name, one, ", ".join(known)))
        setattr(arguments, name, chosen)
    if arguments.threads < 1 or arguments.rounds < 1:
        parser.error("--threads and --rounds must be at least 1")
    if arguments.quick:
        arguments.models, arguments.rounds, arguments.seconds = arguments.models[:1], 1, 1.0
    return arguments


def machine():
    """The CPU's name, its counts, and which of the instruction sets that matter it has."""
    fields = {}
    for line in pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        key, _, value = line.partition(":")
        fields.setdefault(key.strip(), value.strip())
    flags = fields.get("flags", "").split()
    return "%s (family %s, model %s; %s), %d CPUs, %s" % (
        fields.get("model name", platform.machine()), fields.get("cpu family", "?"), fields.get("model", "?"),
        " ".join(flag for flag in CPU_FLAGS if flag in flags), os.cpu_count(), platform.system() + " " + platform.release().split("-")[0])


class Comparison:
    def __init__(self, arguments):
        self.arguments = arguments
        self.folder = arguments.folder.resolve()
        self.folder.mkdir(parents=True, exist_ok=True)
        self.requests = self.folder / "requests.json"
        self.rivals = Rivals(self.folder, self.requests)
        self.podium = None
        self.results = {"machine": machine(), "versions": {}, "configs": {}, "agreements": [], "measurements": [], "failures": []}

    def fail(self, what, failure):
        say("failed: %s: %s" % (what, failure))
        self.results["failures"].append({"what": what, "message": str(failure)})

    def attempt(self, what, work, *arguments):
        """The result of work(*arguments), or None where it failed, which is reported."""
        try:
            return work(*arguments)
        except measure.Failure as failure:
            self.fail(what, failure)
            return None

    # What has to be there.

    def install(self):
        """Leaves in arguments.engines those that could be installed."""
        installed = []
        for engine in self.arguments.engines:
            say("installing %s" % TITLES[engine] if engine != "podium" else "Podium is built")
            if engine == "podium" or self.attempt(TITLES[engine], measure.run, [str(HERE / "install.sh"), engine, str(self.folder)]) is not None:
                installed.append(engine)
        self.arguments.engines = installed

    def prepare(self, model):
        """Makes the checkpoint and the requests; they are the same for every engine."""
        directory = self.folder / model
        maker = self.arguments.build / "bench/make_checkpoint"
        if not is_current(directory / "tokenizer.json", maker):
            say("making %s" % directory)
            measure.run([str(maker), model, str(directory), str(ROOT / "tests/golden/tokenizers/bert_uncased/tokenizer.json.zst")])
        self.results["configs"][model] = json.loads((directory / "config.json").read_text(encoding="utf-8"))
        if self.podium is None:
            workload.write_requests(directory / "tokenizer.json", self.requests)
            self.podium = podium_engine.Podium(self.arguments.build / "apps/podium/podium", self.folder, self.requests)

    def export(self, configuration, model):
        path = self.rivals.model_file(configuration, model)
        command = self.rivals.export_command(configuration, model, workload.SEGMENT_0)
        if command is not None and not is_current(path, self.folder / model / "model.safetensors", *self.rivals.exporters()):
            say("writing %s" % path)
            measure.run(command)

    # One configuration, once.

    def logits(self, configuration, model):
        if configuration.engine == "podium":
            return self.podium.logits(configuration, model, AGREEMENT_WORKLOAD)
        self.export(configuration, model)
        command, environment = self.rivals.timing_command(configuration, model, AGREEMENT_WORKLOAD, AGREEMENT_BATCH, 0)
        with tempfile.TemporaryDirectory() as scratch:
            path = pathlib.Path(scratch) / "logits.json"
            measure.run_wrapped(command + ["--logits", str(path)], environment)
            return json.loads(path.read_text(encoding="utf-8"))

    def time(self, configuration, model, name, batch, seconds):
        if configuration.engine == "podium":
            timed = self.podium.time(configuration, model, name, seconds)
        else:
            command, environment = self.rivals.timing_command(configuration, model, name, batch, seconds)
            result, foreign = measure.measure(command, environment)
            timed = {"version": result["version"], "ms_min": min(result["ms"]), "ms_median": statistics.median(result["ms"]), "foreign": foreign}
        say("%s %s: %s, batch %s: %s ms" % (model, name, configuration.title(), batch or "-", summary.significant(timed["ms_min"])))
        return {"model": model, "workload": name, "engine": configuration.engine, "precision": configuration.precision,
                "variant": configuration.variant, "limit": configuration.limit, "label": configuration.label(), "batch": batch, **timed}

    # The three stages.

    def agree(self, model, candidates):
        """Compares logits; returns the configurations that gave any. Workers and threads share a graph, which is looked at once."""
        reference = Configuration("podium", "fp32", threads=self.arguments.threads)
        expected = self.logits(reference, model)
        spread = statistics.pstdev(expected)
        verdicts = {}
        for one in candidates:
            key = (one.engine, one.precision, one.variant, one.limit)
            if key not in verdicts:
                found = self.attempt("%s, logits of %s" % (model, one.title()), self.logits, one, model)
                verdicts[key] = found is not None
                if found is not None:
                    deltas = [a - b for a, b in zip(expected, found)]
                    largest, mean = max(map(abs, deltas)) / spread, math.sqrt(statistics.fmean(d * d for d in deltas)) / spread
                    say("%s, logits of %s: off by %.2g %% of their spread, at most %.2g %%" % (model, one.title(), 100 * mean, 100 * largest))
                    self.results["agreements"].append(dict(zip(("engine", "precision", "variant", "limit"), key), model=model,
                                                           rms_per_std=mean, max_per_std=largest))
        return [one for one in candidates if verdicts[one.engine, one.precision, one.variant, one.limit]]

    def best_batch(self, configuration, model, name):
        """(fastest ms, its batch size), each size tried once; None where none ran."""
        pairs = len(workload.LENGTHS[name])
        sizes = [size for size in configuration.batches if size <= pairs]
        if self.arguments.quick:
            sizes = sizes[:2]
        best, worse = None, 0
        for size in sizes:
            timed = self.attempt("%s %s: %s" % (model, name, configuration.title()), self.time, configuration, model, name, size,
                                 self.arguments.seconds / 5)
            if timed is None:
                break
            worse = worse + 1 if best and timed["ms_min"] > WORSE * best[0] else 0
            if worse == 2:
                break
            if best is None or timed["ms_min"] < best[0]:
                best = timed["ms_min"], size
        return best

    def finalists(self, model, name, candidates):
        """(configuration, batch) of the best of each engine, precision and limit."""
        groups = {}
        for one in candidates:
            if one.workers > len(workload.LENGTHS[name]):
                continue
            best = self.best_batch(one, model, name)
            if best is not None:
                groups.setdefault((one.engine, one.precision, one.limit), []).append((best[0], one, best[1]))
        chosen = []
        for group in groups.values():
            group.sort(key=lambda entry: entry[0])
            chosen += [(one, size) for ms, one, size in group[:FINALISTS] if ms <= CLOSE * group[0][0]]
        return chosen

    def compare(self, model):
        self.prepare(model)
        candidates = [one for engine in self.arguments.engines
                      for one in (podium_engine.configurations(self.arguments.threads) if engine == "podium"
                                  else configurations(engine, self.arguments.threads))]
        candidates = self.agree(model, candidates)
        for name in self.arguments.workloads:
            chosen = self.finalists(model, name, candidates)
            for _ in range(self.arguments.rounds):
                for one, size in chosen:
                    timed = self.attempt("%s %s: %s" % (model, name, one.title()), self.time, one, model, name, size, self.arguments.seconds)
                    if timed is not None:
                        self.results["measurements"].append(timed)
                        self.results["versions"][TITLES[one.engine]] = timed["version"]
            self.save()

    def tool_versions(self):
        """Versions of what is not an engine but has a part in the figures."""
        versions = self.results["versions"]
        versions["podium commit"] = subprocess.run(["git", "-C", str(ROOT), "describe", "--always", "--dirty"], stdout=subprocess.PIPE,
                                                   text=True, check=False).stdout.strip() or "unknown"
        versions["python"] = platform.python_version()
        for name, command in (("node", ["node", "--version"]),
                              ("Debian packages", ["dpkg-query", "--show", "--showformat", "${Package} ${Version}; ", "libdnnl2",
                                                   "python3-numpy", "python3-onnx", "python3-torch"])):
            try:
                versions[name] = measure.run(command).strip().rstrip(";")
            except measure.Failure:
                versions[name] = "not there"

    def save(self):
        if self.arguments.json:
            self.arguments.json.write_text(json.dumps(self.results, indent=1) + "\n", encoding="utf-8")


def main():
    arguments = parse_arguments(sys.argv[1:])
    if arguments.report:
        print(summary.report(json.loads(arguments.report.read_text(encoding="utf-8"))), end="")
        return
    comparison = Comparison(arguments)
    comparison.install()
    comparison.tool_versions()
    say(comparison.results["machine"])
    for model in arguments.models:
        comparison.attempt(model, comparison.compare, model)
    comparison.save()
    print(summary.report(comparison.results), end="")


if __name__ == "__main__":
    main()
