"""The frame of the tests of tools/: a small clean tree, a violation planted in it, and what the check says."""

import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

SOURCE_DIR = pathlib.Path(os.environ.get("PODIUM_SOURCE_DIR", pathlib.Path(__file__).parents[2]))


class PlantedCase(unittest.TestCase):
    """`tool` is a script of tools/, `clean` (path -> text) a tree that it passes."""

    tool = None
    clean = {}
    arguments = ()

    def setUp(self):
        scratch = tempfile.TemporaryDirectory(prefix="podium_planted_")
        self.addCleanup(scratch.cleanup)
        self.root = pathlib.Path(scratch.name).resolve()
        for path, text in self.clean.items():
            self.write(path, text)

    def write(self, path, text):
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))

    def run_tool(self):
        command = [sys.executable, "-B", str(SOURCE_DIR / "tools" / self.tool), "--root", str(self.root)]
        done = subprocess.run(command + [str(a) for a in self.arguments], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, check=False)
        return done.returncode, done.stdout

    def assert_passes(self):
        code, output = self.run_tool()
        self.assertEqual(code, 0, output)

    def assert_caught(self, *messages):
        code, output = self.run_tool()
        self.assertEqual(code, 1, output)
        self.assertNotIn("Traceback", output)
        for message in messages:
            self.assertIn(message, output)
