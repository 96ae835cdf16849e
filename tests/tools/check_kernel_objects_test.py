"""tools/check_kernel_objects.sh finds functions of a vector object that other code could be linked to."""

import os
import pathlib
import platform
import shutil
import subprocess
import tempfile
import unittest

SOURCE_DIR = pathlib.Path(os.environ.get("PODIUM_SOURCE_DIR", pathlib.Path(__file__).parents[2]))

CLEAN = "namespace { int Twice(int x) { return 2 * x; } }\nint Kernel(int x) { return Twice(x); }\n"
# std::unordered_map brings weak std::_Hashtable functions, compiled for AVX-512.
PLANTED = "#include <unordered_map>\nint Kernel(std::unordered_map<int, int>& map) { return map[3]; }\n"
INLINE = "inline int Twice(int x) { return 2 * x; }\nint (*Kernel())(int) { return Twice; }\n"


@unittest.skipUnless(platform.machine() in ("x86_64", "AMD64"), "vector kernels are for x86-64")
class KernelObjectsTest(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory(prefix="podium_objects_")
        self.addCleanup(scratch.cleanup)
        self.root = pathlib.Path(scratch.name)

    def compile(self, name, text):
        source = self.root / (name + ".cc")
        source.write_text(text, encoding="utf-8")
        target = self.root / (name + ".cc.o")
        subprocess.run([shutil.which("c++"), "-std=c++20", "-O2", "-mavx512f", "-c", str(source), "-o", str(target)],
                       check=True)
        return str(target)

    def check(self, *objects):
        done = subprocess.run([str(SOURCE_DIR / "tools" / "check_kernel_objects.sh"), *objects],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        return done.returncode, done.stdout

    def test_private_functions_pass(self):
        code, output = self.check(self.compile("dot_avx512", CLEAN), self.compile("table", PLANTED))
        self.assertEqual(code, 0, output)
        self.assertIn("1 objects, 0 with shared symbols", output)

    def test_a_container_is_caught(self):
        code, output = self.check(self.compile("fine_avx2", CLEAN), self.compile("dot_avx512", PLANTED))
        self.assertEqual(code, 1, output)
        self.assertIn("dot_avx512.cc.o shares symbols", output)
        self.assertIn("std::_Hashtable", output)
        self.assertNotIn("fine_avx2", output)

    def test_an_inline_function_is_caught(self):
        code, output = self.check(self.compile("dot_avx512", INLINE))
        self.assertEqual(code, 1, output)
        self.assertIn("Twice(int)", output)

    def test_nothing_to_check_is_an_error(self):
        code, output = self.check(self.compile("table", CLEAN))
        self.assertEqual(code, 1, output)
        self.assertIn("no object of a vector kernel", output)


if __name__ == "__main__":
    unittest.main()
