"""tools/check_docs.py finds commands, paths, hops and variables that do not exist."""

import unittest

from planted_case import PlantedCase

PROGRAM = """#!/bin/sh
case "$*" in
  "--help") printf 'Usage: podium [OPTIONS] SUBCOMMAND\\n\\nOptions:\\n  -h,--help  Help\\n\\nSubcommands:\\n  get  Print\\n  model  Models\\n' ;;
  "get --help") printf 'Usage: podium get\\n\\nOptions:\\n  -h,--help  Help\\n  -k,--top UINT  How many\\n' ;;
  "model --help") printf 'Usage: podium model\\n\\nSubcommands:\\n  info  Tell\\n' ;;
  "model info --help") printf 'Usage: podium model info\\n\\nOptions:\\n  --json  As JSON\\n' ;;
  *) exit 2 ;;
esac
"""

ARCHITECTURE = """# Architecture
| `engine` | . | kernels | - |
| `kernels` | . | - | - |
## The main path
1. `apps/podium/search.cc`: the command
2. `src/engine/engine.cc`: the engine
3. `src/kernels/dot.cc`: the loop

## Next
"""


class DocsTest(PlantedCase):
    tool = "check_docs.py"
    clean = {
        "podium.sh": PROGRAM,
        "README.md": "Run `podium get DIR ID --top 3` or [read on](docs/ARCHITECTURE.md).\n\n"
                     "```sh\n$ NO_COLOR=1 podium get DIR a \\\n    --top=3 | grep -v --other x   # ./podium.sh\n"
                     "podium model info --json\ncmake --preset check\n```\n",
        "CMakePresets.json": '{"configurePresets": [{"name": "check"}]}\n',
        "docs/ARCHITECTURE.md": ARCHITECTURE,
        "docs/benchmarking.md": "`src/kernels/dot_bench.cc`: GB/s\n",
        "src/kernels/dot_bench.cc": "",
        "docs/environment_variables.md": "# Variables\n\n## `NO_COLOR`\n",
        "apps/podium/search.cc": 'const char* a = getenv("NO_COLOR");\n',
        "src/engine/CMakeLists.txt": "podium_module(engine DEPS kernels)\n",
        "src/engine/engine.cc": "",
        "src/kernels/CMakeLists.txt": "podium_module(kernels)\n",
        "src/kernels/dot.cc": "",
    }

    def setUp(self):
        super().setUp()
        (self.root / "podium.sh").chmod(0o755)
        self.arguments = ("--podium", self.root / "podium.sh")

    def test_clean_tree_passes(self):
        self.assert_passes()

    def test_unknown_command(self):
        self.write("docs/a.md", "Use `podium fetch x`.\n")
        self.assert_caught("docs/a.md:1: no command 'podium fetch'")

    def test_unknown_subcommand_of_a_group(self):
        self.write("docs/a.md", "Use `podium model pull x`.\n")
        self.assert_caught("docs/a.md:1: no command 'podium model pull'")

    def test_unknown_option_in_a_span(self):
        self.write("docs/a.md", "\nUse `podium get DIR [--color]`.\n")
        self.assert_caught("docs/a.md:2: 'podium get' has no option --color")

    def test_unknown_option_on_a_continued_line(self):
        self.write("docs/a.md", "```sh\nset -e\npodium model info \\\n  --yaml\n```\n")
        self.assert_caught("docs/a.md:3: 'podium model info' has no option --yaml")

    def test_missing_files(self):
        self.write("docs/a.md", "See `src/engine/gone.cc` and [this](b.md); run `./gone.sh`.\n")
        self.assert_caught("no file src/engine/gone.cc", "link to b.md", "no file gone.sh")

    def test_unknown_preset(self):
        self.write("docs/a.md", "`cmake --preset fast`\n")
        self.assert_caught("docs/a.md:1: no preset fast")

    def test_main_path_with_a_missing_hop(self):
        (self.root / "src/engine/engine.cc").unlink()
        self.assert_caught("main path: no file src/engine/engine.cc")

    def test_main_path_that_goes_up(self):
        self.write("docs/ARCHITECTURE.md", ARCHITECTURE.replace(
            "3. ", "3. `src/engine/engine.cc`\n4. ").replace("2. `src/engine/engine.cc`", "2. `src/kernels/dot.cc`"))
        self.assert_caught("main path: src/kernels/dot.cc may not include src/engine/engine.cc")

    def test_main_path_too_long(self):
        hops = "".join("%d. `src/kernels/dot.cc`\n" % i for i in range(4, 10))
        self.write("docs/ARCHITECTURE.md", ARCHITECTURE.replace("\n\n## Next", "\n" + hops + "\n## Next"))
        self.assert_caught("main path: 9 hops")

    def test_no_main_path(self):
        self.write("docs/ARCHITECTURE.md", "# Architecture\n")
        self.assert_caught("no section '## The main path'")

    def test_benchmark_that_no_page_names(self):
        self.write("src/engine/engine_bench.cc", "")
        self.assert_caught("src/engine/engine_bench.cc: not named in docs/benchmarking.md")

    def test_undocumented_variable(self):
        self.write("src/engine/engine.cc", 'Read("PODIUM_SPEED");\n')
        self.assert_caught("src/engine/engine.cc: reads PODIUM_SPEED")

    def test_variable_that_nothing_reads(self):
        self.write("docs/environment_variables.md", "## `NO_COLOR`\n\n## `PODIUM_SPEED`\n")
        self.assert_caught("names PODIUM_SPEED, which no code reads")


if __name__ == "__main__":
    unittest.main()
