"""The completion scripts, as bash and zsh run them."""

import os
import pty
import re
import select
import shutil
import subprocess
import time
import unittest

from podium_case import PODIUM, PodiumCase, main


class BashTest(PodiumCase):
    def complete(self, *words):
        """What bash offers for the last of the words."""
        script = self.write("podium.bash", self.podium("completion", "bash").stdout)
        driver = ('source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); compopt() { :; }\n'
                  '_podium; printf "%s\\n" "${COMPREPLY[@]}"')
        done = subprocess.run(["bash", "--norc", "-c", driver, "bash", script, "podium", *words],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return set(done.stdout.split())

    def test_commands(self):
        offered = self.complete("")
        self.assertLessEqual({"completion", "man"}, offered)
        self.assertEqual(self.complete("complet"), {"completion"})

    def test_options_of_the_command(self):
        self.assertLessEqual({"--all", "--help"}, self.complete("man", "--"))
        self.assertEqual(self.complete("man", "--al"), {"--all"})
        self.assertEqual(self.complete("--vers"), {"--version"})

    def test_choices_of_an_argument(self):
        self.assertEqual(self.complete("completion", ""), {"bash", "zsh"})
        self.assertEqual(self.complete("completion", "z"), {"zsh"})

    def test_choices_of_an_option(self):
        self.assertEqual(self.complete("rerank", "--scores", ""), {"model", "raw", "sigmoid"})
        self.assertEqual(self.complete("rerank", "--scores", "=", "s"), {"sigmoid"})
        self.assertEqual(self.complete("eval", "--format", "c"), {"csv"})
        for command in ("search", "rerank", "run", "rerank-run"):
            self.assertEqual(self.complete(command, "--precision", ""), {"auto", "fp32", "bf16", "bf16x3", "int8"})

    def test_files_are_left_to_the_shell(self):
        self.assertEqual(self.complete("man", "--all", ""), set())
        self.assertEqual(self.complete("man", "--all", "=", "x"), set())

    def test_every_command_completes_its_help(self):
        for name in self.complete("") - {""}:
            if not name.startswith("-"):
                with self.subTest(name):
                    self.assertIn("--help", self.complete(name, "--h"))


class TerminalTest(PodiumCase):
    """Types at an interactive shell on a pseudo-terminal and looks at what the shell runs."""

    def type(self, command, setup, keys, expected):
        self.need_terminals()
        bin_folder = self.scratch / "bin"
        bin_folder.mkdir()
        (bin_folder / "podium").symlink_to(PODIUM)
        environment = self.environment(PATH="%s:%s" % (bin_folder, os.environ["PATH"]), TERM="dumb", PS1="$ ",
                                       HOME=str(self.scratch), INPUTRC="/dev/null", ZDOTDIR=str(self.scratch))
        child, terminal = pty.fork()
        if child == 0:
            os.chdir(self.scratch)
            os.execvpe(command[0], command, environment)
        seen = b""
        try:
            for text, wanted in ((setup + "; echo rea''dy\n", b"ready"), (keys, expected)):
                os.write(terminal, text.encode())
                deadline = time.monotonic() + 30
                while not re.search(wanted, seen) and time.monotonic() < deadline:
                    if select.select([terminal], [], [], 0.2)[0]:
                        try:
                            seen += os.read(terminal, 4096)
                        except OSError:  # the shell is gone
                            break
                self.assertRegex(seen, wanted)
        finally:
            os.close(terminal)
            os.kill(child, 9)
            os.waitpid(child, 0)

    def test_bash(self):
        script = self.write("podium.bash", self.podium("completion", "bash").stdout)
        self.type(["bash", "--norc", "--noprofile", "-i"], "source " + script, "podium comp\tba\t\n",
                  rb"bash completion for podium, made by")

    @unittest.skipUnless(shutil.which("zsh"), "zsh is not installed")
    def test_zsh(self):
        self.write("functions/_podium", self.podium("completion", "zsh").stdout)
        self.type(["zsh", "-f", "-i"], "fpath=(%s $fpath); autoload -Uz compinit; compinit -u -D" % self.path("functions"),
                  "podium comp\tzs\t\n", rb"zsh completion for podium, made by")

    @unittest.skipUnless(shutil.which("zsh"), "zsh is not installed")
    def test_zsh_options(self):
        self.write("functions/_podium", self.podium("completion", "zsh").stdout)
        self.type(["zsh", "-f", "-i"], "fpath=(%s $fpath); autoload -Uz compinit; compinit -u -D" % self.path("functions"),
                  "podium man --al\tpages && cat pages/podium.1\n", rb"\.SH SYNOPSIS")


class ErrorsTest(PodiumCase):
    def test_unknown_shell(self):
        self.usage_error("completion", "fish", stderr="fish")

    def test_missing_shell(self):
        self.usage_error("completion", stderr="SHELL is required")


if __name__ == "__main__":
    main()
