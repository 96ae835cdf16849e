"""Installs the build into a scratch folder, then builds and runs examples/ against what lies there."""

import os
import pathlib
import subprocess
import tempfile
import unittest

SOURCE_DIR = pathlib.Path(os.environ["PODIUM_SOURCE_DIR"])
BUILD_DIR = pathlib.Path(os.environ["PODIUM_BUILD_DIR"])


def cache_value(name):
    for line in (BUILD_DIR / "CMakeCache.txt").read_text().splitlines():
        if line.startswith(name + ":"):
            return line.split("=", 1)[1]
    return ""


class ConsumerTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        scratch = tempfile.TemporaryDirectory(prefix="podium_install_")
        cls.addClassCleanup(scratch.cleanup)
        cls.scratch = pathlib.Path(scratch.name)
        cls.prefix = cls.scratch / "prefix"
        cls.command("cmake", "--install", BUILD_DIR, "--prefix", cls.prefix)

    @classmethod
    def command(cls, *words):
        done = subprocess.run([str(word) for word in words], cwd=cls.scratch, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, check=False)
        if done.returncode != 0:
            raise AssertionError("%s\n%s" % (" ".join(map(str, words)), done.stdout))
        return done.stdout

    def test_installed_files(self):
        for name in ("bin/podium", "include/podium/status.h", "include/podium/engine.h", "share/man/man1/podium.1",
                     "share/man/man1/podium-completion.1", "share/bash-completion/completions/podium",
                     "share/zsh/site-functions/_podium"):
            self.assertTrue((self.prefix / name).is_file(), name)
        self.assertEqual(len(list(self.prefix.glob("lib/**/podiumConfig.cmake"))), 1)
        headers = {p.relative_to(self.prefix / "include").parts[0] for p in self.prefix.glob("include/**/*.h")}
        self.assertEqual(headers, {"podium"}, "only include/podium is public")
        for path in self.prefix.glob("lib/cmake/**/*.cmake"):
            self.assertNotIn(str(SOURCE_DIR), path.read_text(), "%s points into the source tree" % path)

    def test_the_program_runs_from_where_it_was_installed(self):
        self.assertRegex(self.command(self.prefix / "bin" / "podium", "--version"), r"^podium \d")

    def test_examples_build_against_the_installed_package(self):
        sanitize = cache_value("PODIUM_SANITIZE")
        flags = "-fsanitize=" + sanitize if sanitize else ""
        build = self.scratch / "build"
        self.command("cmake", "-G", "Ninja", "-S", SOURCE_DIR / "examples", "-B", build,
                     "-DCMAKE_BUILD_TYPE=" + cache_value("CMAKE_BUILD_TYPE"), "-DCMAKE_PREFIX_PATH=%s" % self.prefix,
                     "-DCMAKE_CXX_COMPILER=" + cache_value("CMAKE_CXX_COMPILER"), "-DCMAKE_CXX_FLAGS=" + flags)
        self.command("cmake", "--build", build)
        self.assertIn("expected a number, found 'ten'", self.command(build / "example_handle_errors"))
        self.search(build)
        self.rerank(build)

    def search(self, build):
        corpus, index = self.scratch / "corpus.jsonl", self.scratch / "index"
        corpus.write_text('{"_id": "a", "text": "a wind tunnel"}\n{"_id": "b", "text": "a heat exchanger"}\n')
        self.command(self.prefix / "bin" / "podium", "index", index, corpus)
        self.assertRegex(self.command(build / "example_search_index", index, "tunnels"), r"(?s)2 documents.*  a  ")

    def rerank(self, build):
        model = SOURCE_DIR / "tests" / "golden" / "bert"
        output = self.command(build / "example_rerank_texts", model, "wind", "a wind tunnel", "heat")
        self.assertRegex(output, r"^scores are sigmoid\n0\.\d+  [a-z ]+\n0\.\d+  [a-z ]+\n$")
        self.assertIn("a wind tunnel", output)


if __name__ == "__main__":
    unittest.main()
