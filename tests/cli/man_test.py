"""The manual pages: one for every command, clean roff, the same words as --help."""

import pathlib
import re
import shutil
import subprocess
import unittest

from podium_case import PodiumCase, main


class ManTest(PodiumCase):
    def pages(self):
        self.podium("man", "--all", self.path("man1"))
        return {page.name: page.read_text() for page in pathlib.Path(self.path("man1")).iterdir()}

    def test_page_of_a_command(self):
        page = self.podium("man", "completion").stdout
        for heading in ("NAME", "SYNOPSIS", "OPTIONS", "EXIT STATUS", "SEE ALSO"):
            self.assertIn(".SH %s\n" % heading, page)
        self.assertIn("podium\\-completion \\- Print a completion script", page)

    def test_there_is_a_page_for_every_command(self):
        pages = self.pages()
        self.assertIn("podium.1", pages)
        see_also = pages["podium.1"].split(".SH SEE ALSO")[1]
        named = {name.replace("\\-", "-") + ".1" for name in re.findall(r"\\fB(.*?)\\fR\(1\)", see_also)}
        self.assertLessEqual({"podium-completion.1", "podium-man.1"}, named)
        self.assertLessEqual(named, set(pages))
        self.assertEqual(pages["podium-man.1"], self.podium("man", "man").stdout)

    def test_a_page_names_every_option_of_the_help(self):
        for name, page in self.pages().items():
            with self.subTest(name):
                words = self.help_words(name)
                options = re.findall(r"^  (--?[a-z][\w-]*)", self.podium(*words, "--help").stdout, re.MULTILINE)
                self.assertIn("-h", options)
                for option in options:
                    self.assertIn("\\fB%s\\fR" % option.replace("-", "\\-"), page)

    def help_words(self, name):
        """podium-model-info.1 -> model info; a command's own name may have hyphens (rerank-run)."""
        words, rest = [], name[len("podium"):-len(".1")].strip("-")
        while rest:
            help_text = self.podium(*words, "--help").stdout.split("Subcommands:")[1]
            commands = re.findall(r"^  ([a-z][a-z-]*)", help_text, re.MULTILINE)
            word = max((c for c in commands if rest == c or rest.startswith(c + "-")), key=len)
            words, rest = words + [word], rest[len(word):].strip("-")
        return words

    @unittest.skipUnless(shutil.which("groff"), "groff is not installed")
    def test_groff_has_nothing_to_complain_about(self):
        for name, page in self.pages().items():
            with self.subTest(name):
                done = subprocess.run(["groff", "-ww", "-man", "-Tutf8", "-z"], input=page.encode(),
                                      stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
                self.assertEqual((done.returncode, done.stdout), (0, b""))

    def test_unknown_command(self):
        self.podium("man", "frobnicate", expect=1, stderr="no command 'podium frobnicate'")

    def test_folder_that_cannot_be_made(self):
        self.podium("man", "--all", "/dev/null/man", expect=1, stderr="cannot create /dev/null/man")


if __name__ == "__main__":
    main()
