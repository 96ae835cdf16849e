"""tools/check_headers.py compiles what the build does not prove."""

import json
import unittest

from planted_case import PlantedCase


class HeadersTest(PlantedCase):
    tool = "check_headers.py"
    clean = {
        "include/podium/a.h": "#pragma once\n#include <string>\nstd::string A();\n",
        "src/base/a.h": '#pragma once\n#include "podium/a.h"\nstd::string B();\n',
        "src/base/a.cc": '#include "base/a.h"\n',
    }

    def setUp(self):
        super().setUp()
        command = "c++ -std=c++20 -I%s/include -I%s/src -o a.o -c %s/src/base/a.cc" % (self.root, self.root, self.root)
        self.write("build/check/compile_commands.json", json.dumps(
            [{"directory": str(self.root / "build"), "command": command, "file": str(self.root / "src/base/a.cc")}]))

    def test_clean_tree_passes(self):
        self.assert_passes()

    def test_public_header_that_needs_another(self):
        self.write("include/podium/b.h", "#pragma once\nstd::string B();\n")
        self.assert_caught("include/podium/b.h: does not compile alone")

    def test_public_header_that_needs_src(self):
        self.write("include/podium/b.h", '#pragma once\n#include "base/a.h"\n')
        self.assert_caught("include/podium/b.h: does not compile alone")

    def test_private_header_without_a_source(self):
        self.write("src/base/b.h", "#pragma once\nstd::vector<int> B();\n")
        self.assert_caught("src/base/b.h: does not compile alone")

    def test_private_header_that_its_source_does_not_include_first(self):
        self.write("src/base/b.h", "#pragma once\nstd::vector<int> B();\n")
        self.write("src/base/b.cc", '#include <vector>\n#include "base/b.h"\n')
        self.assert_caught("src/base/b.h: does not compile alone")

    def test_unconfigured_tree(self):
        (self.root / "build/check/compile_commands.json").unlink()
        self.assert_caught("configure first")


if __name__ == "__main__":
    unittest.main()
