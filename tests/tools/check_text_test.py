"""tools/check_text.py finds leftovers."""

import unittest

from planted_case import PlantedCase


class TextTest(PlantedCase):
    tool = "check_text.py"
    clean = {"src/base/a.cc": "// clean\nint a;  // see /usr/share/doc and /tmp/x, src/home/y.h\n",
             "docs/a.md": "two spaces  \nbreak a line\n", "tests/a.png": b"\xff\xfe", "build/x.txt": "TO" "DO"}

    def test_clean_tree_passes(self):
        self.assert_passes()

    def test_unfinished_work(self):
        self.write("src/base/b.cc", "\n// TO" "DO: write\n")
        self.assert_caught("src/base/b.cc:2: unfinished work")

    def test_machine_path(self):
        self.write("tools/run.sh", "cd /ho" "me/alice/podium\n")
        self.assert_caught("tools/run.sh:1: a path of one machine")

    def test_conflict_mark(self):
        self.write("docs/b.md", "<" * 7 + " HEAD\n")
        self.assert_caught("docs/b.md:1: a conflict mark")

    def test_white_space(self):
        self.write("src/base/b.cc", "int b; \n")
        self.write("src/base/c.cc", "int c;\r\n")
        self.write("src/base/d.cc", "int d;")
        self.assert_caught("src/base/b.cc:1: white space", "src/base/c.cc: carriage return", "src/base/d.cc: no newline")

    def test_not_utf8(self):
        self.write("src/base/b.cc", b"// caf\xe9\n")
        self.assert_caught("src/base/b.cc: not UTF-8 at byte 6")


if __name__ == "__main__":
    unittest.main()
