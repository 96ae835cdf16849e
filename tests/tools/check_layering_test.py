"""tools/check_layering.py catches every kind of forbidden include."""

import unittest

from planted_case import PlantedCase

TABLE = """| module | question | may depend on | third party |
|---|---|---|---|
| `base` | . | - | `fmt` |
| `io` | . | base | `zlib` |
| `kernels` | . | base | `immintrin` |
| `text` | . | base, io | - |
"""


class LayeringTest(PlantedCase):
    tool = "check_layering.py"
    clean = {
        "docs/ARCHITECTURE.md": TABLE,
        "include/podium/status.h": "#include <string>\n",
        "src/base/CMakeLists.txt": "podium_module(base SOURCES log.cc EXT fmt)\n",
        "src/base/log.h": "#include <fmt/format.h>\n",
        "src/base/log.cc": '#include "base/log.h"\n#include <sys/stat.h>\n',
        "src/io/CMakeLists.txt": "podium_module(io SOURCES file.cc DEPS base EXT zlib TESTS file_test.cc)\n",
        "src/io/file.h": '#include "podium/status.h"\n',
        "src/io/file.cc": '#include "io/file.h"\n#include <zlib.h>\n#include "base/log.h"\n',
        "src/io/file_test.cc": '#include "io/file.h"\n#include <gtest/gtest.h>\n',
        "src/kernels/CMakeLists.txt": "podium_module(kernels SOURCES dot_avx2.cc DEPS base)\n",
        "src/kernels/dot_avx2.cc": "#include <immintrin.h>\n#include <cstdint>\n",
        "src/text/CMakeLists.txt": "podium_module(text SOURCES words.cc DEPS io)\n",
        "src/text/words.cc": '#include "io/file.h"\n#include "base/log.h"\n',
        "apps/podium/CMakeLists.txt": "target_link_libraries(podium PRIVATE podium::io podium::ext::cli11)\n",
        "apps/podium/command.h": "#include <CLI/CLI.hpp>\n",
        "apps/podium/main.cc": '#include "command.h"\n#include "io/file.h"\n#include "podium/status.h"\n',
        "examples/first.cc": '#include "podium/status.h"\n',
    }

    def test_clean_tree_passes(self):
        self.assert_passes()

    def test_include_upwards(self):
        self.write("src/base/log.cc", '#include "io/file.h"\n')
        self.assert_caught('src/base/log.cc:1: "io/file.h": src/base does not declare io in DEPS')

    def test_include_sideways(self):
        self.write("src/kernels/dot_avx2.cc", '\n#include "text/words.h"\n')
        self.write("src/text/words.h", "")
        self.assert_caught('src/kernels/dot_avx2.cc:2: "text/words.h"')

    def test_third_party_outside_its_owner(self):
        self.write("src/text/words.cc", "#include <zlib.h>\n")
        self.assert_caught("src/text/words.cc:1: third-party header <zlib.h> outside its owner")

    def test_intrinsics_outside_kernels(self):
        self.write("src/text/words.cc", "#include <immintrin.h>\n")
        self.assert_caught("third-party header <immintrin.h> outside its owner")

    def test_unknown_third_party(self):
        self.write("src/io/file.cc", "#  include <boost/asio.hpp>\n")
        self.assert_caught("<boost/asio.hpp> is neither standard nor a declared third party")

    def test_command_line_parser_outside_apps(self):
        self.write("src/io/file.cc", "#include <CLI/CLI.hpp>\n")
        self.assert_caught("third-party header <CLI/CLI.hpp> outside its owner")

    def test_third_party_in_apps(self):
        self.write("apps/podium/main.cc", "#include <zlib.h>\n")
        self.assert_caught("apps/podium/main.cc:1: third-party header <zlib.h>")

    def test_apps_from_src(self):
        self.write("src/io/file.cc", '#include "command.h"\n#include "apps/podium/command.h"\n')
        self.assert_caught('src/io/file.cc:1: "command.h" is no rooted include', 'src/io/file.cc:2: "apps/podium/command.h"')

    def test_module_that_apps_do_not_link(self):
        self.write("apps/podium/main.cc", '#include "text/words.h"\n')
        self.write("src/text/words.h", "")
        self.assert_caught('apps/podium/main.cc:1: "text/words.h"')

    def test_relative_include(self):
        self.write("src/io/file.cc", '#include "file.h"\n#include "../base/log.h"\n')
        self.assert_caught('src/io/file.cc:1: "file.h" is no rooted', 'src/io/file.cc:2: "../base/log.h" is no rooted')

    def test_public_header_with_a_private_include(self):
        self.write("include/podium/status.h", '#include "base/log.h"\n')
        self.assert_caught("include/podium/status.h:1:")

    def test_public_header_with_third_party(self):
        self.write("include/podium/status.h", "#include <fmt/format.h>\n")
        self.assert_caught("include/podium/status.h:1: third-party header <fmt/format.h>")

    def test_example_with_a_private_include(self):
        self.write("examples/first.cc", '#include "io/file.h"\n')
        self.assert_caught("examples/first.cc:1:")

    def test_test_library_in_a_source(self):
        self.write("src/io/file.cc", "#include <gtest/gtest.h>\n")
        self.assert_caught("<gtest/gtest.h> is for tests and benchmarks")

    def test_cycle(self):
        self.write("src/base/CMakeLists.txt", "podium_module(base SOURCES log.cc DEPS text EXT fmt)\n")
        self.assert_caught("base depends on itself", "base may not depend on text")

    def test_dependency_outside_the_table(self):
        self.write("src/kernels/CMakeLists.txt", "podium_module(kernels SOURCES dot_avx2.cc DEPS base io)\n")
        self.assert_caught("kernels may not depend on io")

    def test_third_party_outside_the_table(self):
        self.write("src/text/CMakeLists.txt", "podium_module(text SOURCES words.cc DEPS io EXT fmt)\n")
        self.assert_caught("third party fmt does not belong to text")

    def test_module_without_a_row(self):
        self.write("src/server/CMakeLists.txt", "podium_module(server DEPS base)\n")
        self.assert_caught("module server has no row")

    def test_unregistered_test(self):
        self.write("src/text/words_test.cc", "#include <gtest/gtest.h>\n")
        self.assert_caught("src/text/words_test.cc: in no list of src/text/CMakeLists.txt")


if __name__ == "__main__":
    unittest.main()
