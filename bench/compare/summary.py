"""From measurements to tables: the best of what was timed, the ratios to Podium and their goals, Markdown.

A measurement is a dictionary: model, workload, engine, version, precision, variant, label, limit, batch, ms_min, ms_median, foreign (CPUs that
others kept busy) and, of Podium, share_of_peak. An agreement has model, engine, precision, variant, limit, and the differences of the logits
from Podium's in fp32 in standard deviations of the logits: rms_per_std, max_per_std.
"""

import collections
import dataclasses
import itertools
import statistics

import workload
from engines import TITLES

# Largest |difference| from Podium's fp32, in standard deviations of the logits, that each of Podium's precisions may show.
PODIUM_BOUNDS = {"fp32": 0.001, "bf16x3": 0.001, "bf16": 0.02, "int8": 0.08}
# A rival whose logits differ by more computes something else, and its time means nothing.
WRONG = 1.0


@dataclasses.dataclass(frozen=True)
class Goal:
    title: str
    precision: str  # Podium's
    limit: str
    rival_engines: tuple
    rival_precisions: tuple
    rival_limit: str
    at_least: dict  # workload -> ratio; a workload without an entry is reported without a goal


ALL_RIVALS = ("onnxruntime", "torch", "llama.cpp")
GOALS = (
    Goal("bf16 / best fp32, bf16 or f16 rival", "bf16", "", ALL_RIVALS, ("fp32", "bf16", "f16"), "", {"A": 5.0, "B": 8.0, "C": 3.0}),
    Goal("int8 / ONNX Runtime int8", "int8", "", ("onnxruntime",), ("int8",), "", {"A": 4.0, "B": 5.0, "C": 2.0}),
    Goal("bf16x3 / ONNX Runtime fp32", "bf16x3", "", ("onnxruntime",), ("fp32",), "", {"A": 3.0}),
    Goal("fp32 held to AVX-512 / ONNX Runtime fp32", "fp32", "avx512", ("onnxruntime",), ("fp32",), "", {"A": 1.15, "B": 1.2}),
    Goal("fp32 held to AVX2 / PyTorch fp32 held to AVX2", "fp32", "avx2", ("torch",), ("fp32",), "avx2", {}),
)
REMARKS = ("ONNX Runtime has no option, variable or build on npm that holds it to AVX2, so there is no ratio to it under that limit.",)


def flops(config, lengths):
    """Multiplications and additions, counted apart, of linear layers and attention products over all layers and tokens; no padding."""
    hidden, wide, layers = config["hidden_size"], config["intermediate_size"], config["num_hidden_layers"]
    linear = 2 * (4 * hidden * hidden + 2 * hidden * wide)
    return sum(layers * (linear * tokens + 4 * tokens * tokens * hidden) + 2 * hidden * hidden for tokens in lengths)


def configuration_of(row):
    return tuple(row[key] for key in ("model", "workload", "engine", "precision", "variant", "limit", "label"))


def pool(measurements):
    """One row per model, workload, configuration and batch: the smallest minimum and the median of the rounds' medians."""
    groups = collections.defaultdict(list)
    for one in measurements:
        groups[configuration_of(one), one["batch"]].append(one)
    return [{**group[-1],
             "ms_min": min(one["ms_min"] for one in group),
             "ms_median": statistics.median(one["ms_median"] for one in group),
             "share_of_peak": max((one.get("share_of_peak") or 0.0) for one in group),
             "foreign": max(one["foreign"] for one in group),
             "rounds": len(group)} for group in groups.values()]


def best_of_each(rows):
    """The fastest batch of every configuration."""
    best = {}
    for row in rows:
        key = configuration_of(row)
        if key not in best or row["ms_min"] < best[key]["ms_min"]:
            best[key] = row
    return list(best.values())


def wrong_rivals(agreements):
    return {(a["model"], a["engine"], a["precision"], a["variant"], a["limit"]) for a in agreements
            if a["engine"] != "podium" and not a["max_per_std"] <= WRONG}


def is_wrong(row, wrong):
    return tuple(row[key] for key in ("model", "engine", "precision", "variant", "limit")) in wrong


def ratios(rows, agreements):
    """How many times faster Podium is, for every model, workload and goal for which both sides were timed."""
    wrong, result = wrong_rivals(agreements), []
    places = dict.fromkeys((row["model"], row["workload"]) for row in rows)  # in the order in which they ran
    for (model, name), goal in itertools.product(places, GOALS):
        here = [row for row in rows if row["model"] == model and row["workload"] == name and not is_wrong(row, wrong)]
        podium = [row for row in here if row["engine"] == "podium" and row["precision"] == goal.precision and row["limit"] == goal.limit]
        rivals = [row for row in here if row["engine"] in goal.rival_engines and row["precision"] in goal.rival_precisions
                  and row["limit"] == goal.rival_limit]
        if not podium or not rivals:
            continue
        mine, theirs = (min(side, key=lambda row: row["ms_min"]) for side in (podium, rivals))
        at_least = goal.at_least.get(name)
        ratio = theirs["ms_min"] / mine["ms_min"]
        result.append({"model": model, "workload": name, "title": goal.title, "rival": describe(theirs), "ratio": ratio,
                       "ratio_of_medians": theirs["ms_median"] / mine["ms_median"], "goal": at_least,
                       "reached": None if at_least is None else ratio >= at_least})
    return result


def describe(row):
    return "%s %s (%s)" % (TITLES[row["engine"]], row["precision"], row["label"])


def table(head, rows):
    lines = ["| %s |" % " | ".join(head), "|%s|" % "|".join(["---"] * len(head))]
    return "\n".join(lines + ["| %s |" % " | ".join(str(cell) for cell in row) for row in rows]) + "\n"


def significant(value):
    """Three digits: 0.123, 1.23, 12.3, 123, 1234."""
    return "%.3g" % value if value < 100 else "%.0f" % value


def speed_table(rows, configs, model, name):
    pairs, work = len(workload.LENGTHS[name]), flops(configs[model], workload.LENGTHS[name])
    here = [row for row in rows if row["model"] == model and row["workload"] == name]
    cells = [[TITLES[row["engine"]], row["version"], row["precision"], row["label"], row["batch"] or "-", significant(row["ms_min"]),
              significant(row["ms_median"]), significant(pairs / row["ms_min"] * 1e3), significant(work / row["ms_min"] / 1e6),
              "%.0f %%" % (100 * row["share_of_peak"]) if row["share_of_peak"] else "-"]
             for row in sorted(here, key=lambda row: (row["engine"] != "podium", row["ms_min"]))]
    return table(["engine", "version", "precision", "configuration", "batch", "ms min", "median", "pairs/s", "GFLOP/s", "of peak"], cells)


def ratio_table(entries):
    def verdict(entry):
        return "-" if entry["goal"] is None else "%s: %s" % (significant(entry["goal"]), "yes" if entry["reached"] else "no")

    return table(["model", "workload", "Podium / rival", "the rival's best", "times faster", "by medians", "goal: reached"],
                 [[e["model"], e["workload"], e["title"], e["rival"], significant(e["ratio"]), significant(e["ratio_of_medians"]), verdict(e)]
                  for e in entries])


def agreement_table(agreements):
    def verdict(entry):
        if entry["engine"] != "podium":
            return "-" if entry["max_per_std"] <= WRONG else "wrong: left out"
        bound = PODIUM_BOUNDS.get(entry["precision"])
        return "-" if bound is None else "%g %%: %s" % (100 * bound, "yes" if entry["max_per_std"] <= bound else "no")

    return table(["model", "engine", "precision", "variant", "root mean square", "largest", "bound: held"],
                 [[a["model"], TITLES[a["engine"]], a["precision"], ", ".join(part for part in (a["variant"], a["limit"]) if part) or "-",
                   "%.2g %%" % (100 * a["rms_per_std"]), "%.2g %%" % (100 * a["max_per_std"]), verdict(a)] for a in agreements])


def report(results):
    """The whole run as Markdown. `results` is what --json writes."""
    rows = best_of_each(pool(results["measurements"]))
    parts = [results["machine"] + ".",
             "\n".join("- %s: %s" % entry for entry in sorted(results["versions"].items())),
             "Differences of the logits on workload B from those of Podium in fp32, in shares of the logits' standard deviation:",
             agreement_table(results["agreements"])]
    for model, name in dict.fromkeys((row["model"], row["workload"]) for row in rows):  # in the order in which they ran
        tokens = sum(workload.LENGTHS[name])
        parts += ["%s, workload %s (%d pairs, %d tokens, %s GFLOP):" % (
            model, name, len(workload.LENGTHS[name]), tokens,
            significant(flops(results["configs"][model], workload.LENGTHS[name]) / 1e9)), speed_table(rows, results["configs"], model, name)]
    entries = ratios(rows, results["agreements"])
    if entries:
        parts += ["How many times faster Podium is:", ratio_table(entries)]
    parts += list(REMARKS)
    disturbed = [row for row in rows if row["foreign"] > 0.1]
    if disturbed:
        parts.append("Other programs kept more than 0.1 CPUs busy during %d of these %d rows (at most %.1f)."
                     % (len(disturbed), len(rows), max(row["foreign"] for row in disturbed)))
    if results["failures"]:
        parts += ["What failed:", "\n".join("- %s: %s" % (f["what"], f["message"]) for f in results["failures"])]
    return "\n\n".join(part.strip() for part in parts) + "\n"
