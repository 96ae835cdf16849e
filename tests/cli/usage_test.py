"""What holds for the program as a whole: help, version, exit codes, streams."""

import re
import subprocess

from podium_case import PODIUM, PodiumCase, main


class UsageTest(PodiumCase):
    def subcommands(self):
        help_text = self.podium("--help").stdout
        return re.findall(r"^  ([a-z][a-z-]*)\s", help_text.split("Subcommands:")[-1], re.MULTILINE)

    def test_help_goes_to_stdout(self):
        result = self.podium("--help", stdout=r"^Usage: ")
        self.assertEqual(result.stderr, "")

    def test_version(self):
        self.podium("--version", stdout=r"^podium \d+\.\d+\.\d+$")

    def test_no_subcommand_is_a_usage_error(self):
        self.usage_error(stderr="subcommand is required")

    def test_unknown_subcommand_is_a_usage_error(self):
        self.usage_error("frobnicate", stderr="frobnicate|subcommand")

    def test_unknown_option_is_a_usage_error(self):
        self.usage_error("--frobnicate")

    def test_every_subcommand_has_help_and_refuses_unknown_options(self):
        for name in self.subcommands():
            with self.subTest(name):
                result = self.podium(name, "--help", stdout=r"^Usage: podium " + name)
                self.assertEqual(result.stderr, "")
                self.usage_error(name, "--frobnicate")

    def test_full_disk_is_reported(self):
        with open("/dev/full", "wb") as full:
            done = subprocess.run([PODIUM, "--help"], stdout=full, stderr=subprocess.PIPE, check=False)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn(b"standard output", done.stderr)


if __name__ == "__main__":
    main()
