"""Runs one measurement in a process of its own and says how much of the machine others used meanwhile."""

import json
import os
import resource
import shlex
import subprocess
import sys
import time

TIMEOUT = 1200  # seconds, waiting for $PODIUM_COMPARE_WRAP included; what takes longer has failed
# A measurement during which others used more than this many CPUs is disturbed: it is taken again, at most RETRIES times.
QUIET = 0.1
RETRIES = 2


class Failure(Exception):
    """An engine that could not be run, with its own message."""


def message_of(output):
    """The line of an error output that says most: the last that names an error, else the last."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    named = [line for line in lines if "rror" in line]
    return (named or lines or ["no message"])[-1]


def run(command, environment=None):
    """Standard output of a command; Failure with its message where it fails. A variable whose value is None is removed."""
    variables = dict(os.environ)
    for name, value in (environment or {}).items():
        variables.pop(name, None)
        if value is not None:
            variables[name] = value
    try:
        done = subprocess.run(command, env=variables, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=TIMEOUT, check=False)
    except FileNotFoundError:
        raise Failure("no program %s" % command[0]) from None
    except subprocess.TimeoutExpired:
        raise Failure("%s took more than %d s" % (command[0], TIMEOUT)) from None
    if done.returncode != 0:
        raise Failure("exit code %d: %s" % (done.returncode, message_of(done.stderr or done.stdout)))
    return done.stdout


def parse_json(output):
    """The JSON object that output is, or that its last line is: libraries may print before."""
    for text in (output, output.strip().rpartition("\n")[2]):
        try:
            return json.loads(text)
        except ValueError:
            pass
    raise Failure("no JSON result: %s" % message_of(output))


def run_wrapped(command, environment=None):
    """run() with $PODIUM_COMPARE_WRAP before the command: for what keeps the machine busy."""
    return run(shlex.split(os.environ.get("PODIUM_COMPARE_WRAP", "")) + command, environment)


def measure(command, environment=None):
    """The quietest of at most 1 + RETRIES runs: (what it printed, how many CPUs others kept busy meanwhile)."""
    best = None
    for _ in range(1 + RETRIES):
        printed = parse_json(run_wrapped([sys.executable, "-B", os.path.abspath(__file__)] + command, environment))
        if "failure" in printed:
            raise Failure(printed["failure"])
        if best is None or printed["foreign"] < best["foreign"]:
            best = printed
        if best["foreign"] <= QUIET:
            break
    return best["result"], best["foreign"]


def busy_seconds():
    """CPU time that the whole machine has spent, as Linux counts it in ticks."""
    with open("/proc/stat", encoding="ascii") as file:
        user, nice, system, _, _, irq, softirq = [int(field) for field in file.readline().split()[1:8]]
    return (user + nice + system + irq + softirq) / os.sysconf("SC_CLK_TCK")


def own_seconds():
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def watch(command):
    """What a command prints, and the CPU use of all others. This runs inside $PODIUM_COMPARE_WRAP, so that its waiting does not count."""
    busy, own, start = busy_seconds(), own_seconds(), time.monotonic()
    try:
        result = parse_json(run(command))
    except Failure as failure:
        return {"failure": str(failure)}
    foreign = (busy_seconds() - busy - (own_seconds() - own)) / (time.monotonic() - start)
    return {"result": result, "foreign": round(max(0.0, foreign), 3)}


if __name__ == "__main__":
    print(json.dumps(watch(sys.argv[1:])))
