"""tools/check_sizes.py counts files, functions, parameters and public headers."""

import importlib
import sys
import unittest

from planted_case import SOURCE_DIR, PlantedCase


def function(name, lines, parameters=""):
    return "void %s(%s) {\n%s}\n" % (name, parameters, "  f();\n" * (lines - 2))


class SizesTest(PlantedCase):
    tool = "check_sizes.py"
    clean = {"include/podium/a.h": "int F();\n", "src/base/a.cc": function("F", 100)}

    def test_clean_tree_passes(self):
        self.assert_passes()

    def test_long_files(self):
        self.write("src/base/long.h", "\n" * 401)
        self.write("src/base/long.cc", "\n" * 701)
        self.write("src/base/long_test.cc", "\n" * 1001)
        self.assert_caught("src/base/long.h: 401 lines", "src/base/long.cc: 701 lines",
                           "src/base/long_test.cc: 1001 lines")

    def test_files_at_the_limit(self):
        self.write("src/base/long.h", "\n" * 400)
        self.write("src/base/long.cc", "\n" * 700)
        self.write("src/base/long_test.cc", "\n" * 1000)
        self.assert_passes()

    def test_long_function(self):
        self.write("src/base/b.cc", "\n" + function("TooLong", 101))
        self.assert_caught("src/base/b.cc:2: TooLong has 101 lines; the limit is 100")

    def test_long_member_function(self):
        self.write("src/base/b.cc", "namespace a { struct S { int x; " + function("Walk", 120) + "}; }\n")
        self.assert_caught("Walk has 120 lines")

    def test_micro_kernels_may_be_longer(self):
        self.write("src/kernels/dot_avx512.cc", function("Dot", 150))
        self.assert_passes()
        self.write("src/kernels/dot_avx512.cc", function("Dot", 151))
        self.assert_caught("Dot has 151 lines; the limit is 150")

    def test_parameters(self):
        six = "int a, std::map<int, int> b, int (*c)(int, int), int d = f(1, 2), int e[], int g"
        self.write("src/base/b.cc", function("Six", 5, six))
        self.assert_passes()
        self.write("src/base/b.cc", function("Seven", 5, six + ", int h"))
        self.assert_caught("Seven has 7 parameters; the limit is 6")

    def test_parameter_count(self):
        sys.path.insert(0, str(SOURCE_DIR / "tools"))
        count = importlib.import_module("check_sizes").parameter_count
        for signature, expected in (("()", 0), ("(void)", 0), ("(int a)", 1), ("(F<A, B> a, int b) const", 2),
                                    ("(std::function<void(int, int)> f)", 1), ("(int a = 1 << 3, int b)", 2)):
            self.assertEqual(count(signature), expected, signature)

    def test_public_headers(self):
        for i in range(10):
            self.write("include/podium/h%d.h" % i, "")
        self.assert_caught("include: 11 public headers; the limit is 10")


if __name__ == "__main__":
    unittest.main()
