"""The frame of the black-box tests: run the program, look at its exit code and its two streams.

A test file is:

    from podium_case import PodiumCase, main

    class GetTest(PodiumCase):
        def test_prints_a_document(self):
            corpus = self.write("corpus.jsonl", '{"_id": "a", "text": "wind tunnel"}\\n')
            self.podium("index", self.path("index"), corpus)
            result = self.podium("get", self.path("index"), "a", "--json")
            self.assertEqual(result.json()["text"], "wind tunnel")

        def test_names_the_missing_document(self):
            self.podium("get", self.path("index"), "b", expect=1, stderr="no document 'b'")

    if __name__ == "__main__":
        main()

and one line in tests/CMakeLists.txt: podium_python_test(cli/get_test.py).
"""

import json
import os
import pathlib
import pty
import re
import subprocess
import tempfile
import unittest

SOURCE_DIR = pathlib.Path(os.environ.get("PODIUM_SOURCE_DIR", pathlib.Path(__file__).parents[2]))
BUILD_DIR = pathlib.Path(os.environ.get("PODIUM_BUILD_DIR", SOURCE_DIR / "build" / "check"))
PODIUM = os.environ.get("PODIUM_BINARY", str(BUILD_DIR / "apps" / "podium" / "podium"))
GOLDEN = SOURCE_DIR / "tests" / "golden"


class Result:
    """What one run of the program left behind. Streams are text; `stdout_bytes` is as written."""

    def __init__(self, arguments, code, stdout, stderr):
        self.arguments = arguments
        self.code = code
        self.stdout_bytes = stdout
        self.stdout = stdout.decode("utf-8", "replace")
        self.stderr = stderr.decode("utf-8", "replace")

    def lines(self):
        return self.stdout.splitlines()

    def json(self):
        """The one JSON value on standard output."""
        return json.loads(self.stdout)

    def json_lines(self):
        return [json.loads(line) for line in self.lines()]

    def __str__(self):
        return "podium %s\nexit code %d\n--- stdout\n%s--- stderr\n%s" % (
            " ".join(self.arguments), self.code, self.stdout, self.stderr)


class PodiumCase(unittest.TestCase):
    """A TestCase with the program and a scratch folder of its own for every test."""

    def setUp(self):
        scratch = tempfile.TemporaryDirectory(prefix="podium_cli_")
        self.addCleanup(scratch.cleanup)
        self.scratch = pathlib.Path(scratch.name)

    def path(self, name):
        """Absolute path of `name` in the scratch folder, whether it exists or not."""
        return str(self.scratch / name)

    def write(self, name, content):
        """Writes text or bytes into the scratch folder and returns the path."""
        target = self.scratch / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
        return str(target)

    def data(self, name):
        """A collection of PODIUM_DATA (default: ../shared/data beside the tree), or skips the test."""
        root = pathlib.Path(os.environ.get("PODIUM_DATA", SOURCE_DIR.parent / "shared" / "data"))
        if not (root / name).exists():
            self.skipTest("no %s under %s (set PODIUM_DATA)" % (name, root))
        return root / name

    def environment(self, **changes):
        """The environment of the program: no colour, a known locale; a value of None removes."""
        environment = dict(os.environ, LC_ALL="C.UTF-8", NO_COLOR="1")
        for name, value in changes.items():
            if value is None:
                environment.pop(name, None)
            else:
                environment[name] = value
        return environment

    def need_terminals(self):
        """Skips the test where the system has no pseudo-terminals (a bare chroot, say)."""
        try:
            for descriptor in pty.openpty():
                os.close(descriptor)
        except OSError as error:
            self.skipTest("no pseudo-terminal can be opened: %s" % error)

    def podium(self, *arguments, expect=0, stdin=b"", stdout=None, stderr=None, env=None, timeout=60):
        """Runs the program in the scratch folder and asserts what is given.

        expect: exit code (None: any). stdin: text or bytes. stdout, stderr: a regular expression
        that must be found in that stream. env: changes to the environment.
        """
        arguments = [str(argument) for argument in arguments]
        done = subprocess.run([PODIUM] + arguments, cwd=self.scratch, timeout=timeout, check=False,
                              input=stdin if isinstance(stdin, bytes) else stdin.encode("utf-8"),
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              env=self.environment(**(env or {})))
        result = Result(arguments, done.returncode, done.stdout, done.stderr)
        if expect is not None:
            self.assertEqual(result.code, expect, str(result))
        for pattern, stream, name in ((stdout, result.stdout, "stdout"),
                                      (stderr, result.stderr, "stderr")):
            if pattern is not None and re.search(pattern, stream, re.MULTILINE) is None:
                self.fail("%s does not match %r:\n%s" % (name, pattern, result))
        return result

    def usage_error(self, *arguments, stderr=None):
        """The command line is refused: exit code 2, a message on stderr and nothing on stdout."""
        result = self.podium(*arguments, expect=2, stderr=stderr)
        self.assertEqual(result.stdout, "", str(result))
        self.assertNotEqual(result.stderr, "", str(result))
        return result


main = unittest.main
