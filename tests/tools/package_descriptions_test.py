"""tools/package_descriptions.sh turns apt's lists into JSON lines."""

import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

SOURCE_DIR = pathlib.Path(os.environ.get("PODIUM_SOURCE_DIR", pathlib.Path(__file__).parents[2]))

PACKAGES = """Package: calc
Version: 2
Description: simple "calculator"
Description-md5: aaa
Section: math
Homepage: https://example.org/

Package: calc
Version: 1
Description: an older version
Section: math

Package: bare
Description: has no long text
Description-md5: bbb
Tag: role::program,
 use::calculating
"""
TRANSLATION = """Package: calc
Description-md5: aaa
Description-en: simple "calculator"
 Adds \\ and subtracts.
 .
 Knows the letter \u03c0.
"""


@unittest.skipUnless(os.path.exists("/usr/lib/apt/apt-helper"), "needs apt")
class PackageDescriptionsTest(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory(prefix="podium_packages_")
        self.addCleanup(scratch.cleanup)
        self.root = pathlib.Path(scratch.name)
        (self.root / "tools").mkdir()
        shutil.copy(SOURCE_DIR / "tools" / "package_descriptions.sh", self.root / "tools")
        (self.root / "lists").mkdir()
        (self.root / "bin").mkdir()
        (self.root / "packages").write_text(PACKAGES)
        self.stub("apt-config", "echo \"lists='%s/lists/'\"" % self.root)
        self.stub("apt-cache", "cat %s/packages" % self.root)
        self.stub("apt-get", "exit 100")

    def stub(self, name, script):
        path = self.root / "bin" / name
        path.write_text("#!/bin/sh\n%s\n" % script)
        path.chmod(0o755)

    def run_tool(self):
        return subprocess.run([self.root / "tools" / "package_descriptions.sh"], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, check=False,
                              env=dict(os.environ, PATH="%s/bin:%s" % (self.root, os.environ["PATH"])))

    def documents(self):
        done = self.run_tool()
        self.assertEqual(done.returncode, 0, done.stderr)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def test_joins_long_descriptions(self):
        (self.root / "lists" / "example_i18n_Translation-en").write_text(TRANSLATION, encoding="utf-8")
        calc, bare = self.documents()
        self.assertEqual(calc, {"_id": "calc", "title": 'simple "calculator"',
                                "text": "Adds \\ and subtracts.\n\nKnows the letter \u03c0.\n\ncalc",
                                "section": "math", "homepage": "https://example.org/"})
        self.assertEqual((bare["title"], bare["text"]), ("has no long text", "bare"))

    def test_short_descriptions_where_the_long_ones_cannot_be_fetched(self):
        calc, _ = self.documents()
        self.assertEqual((calc["title"], calc["text"]), ('simple "calculator"', "calc"))
        self.assertIn("could not be fetched", self.run_tool().stderr)

    def test_no_packages(self):
        (self.root / "packages").write_text("")
        done = self.run_tool()
        self.assertEqual(done.returncode, 1)
        self.assertIn("apt-get update", done.stderr)


if __name__ == "__main__":
    unittest.main()
