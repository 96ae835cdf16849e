"""tools/check_tile_loops.py finds inner loops that load a tile twice, or do what belongs outside of them."""

import os
import pathlib
import platform
import shutil
import subprocess
import sys
import tempfile
import unittest

SOURCE_DIR = pathlib.Path(os.environ.get("PODIUM_SOURCE_DIR", pathlib.Path(__file__).parents[2]))

LOAD = "tileloadd (%%rax,%%rbx,1), %%tmm%d"
PRODUCTS = ["tdpbf16ps %tmm6, %tmm4, %tmm0", "tdpbf16ps %tmm7, %tmm4, %tmm1",
            "tdpbf16ps %tmm6, %tmm5, %tmm2", "tdpbf16ps %tmm7, %tmm5, %tmm3"]
GOOD = [LOAD % tile for tile in (4, 5, 6, 7)] + PRODUCTS


def loop(body):
    return ["kernel:", "tilezero %tmm0", "1:", *body, "dec %rcx", "jne 1b", "tilestored %tmm0, (%rax,%rbx,1)", "ret"]


@unittest.skipUnless(platform.machine() in ("x86_64", "AMD64"), "tiles are for x86-64")
class TileLoopsTest(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory(prefix="podium_tiles_")
        self.addCleanup(scratch.cleanup)
        self.root = pathlib.Path(scratch.name)

    def check(self, code, name="gemm_bf16_amx.cc.o"):
        source = self.root / "planted.s"
        source.write_text("\n".join([".text", ".globl kernel", *code]) + "\n", encoding="utf-8")
        subprocess.run([shutil.which("c++"), "-c", str(source), "-o", str(self.root / name)], check=True)
        done = subprocess.run([sys.executable, str(SOURCE_DIR / "tools" / "check_tile_loops.py"), str(self.root / name)],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        return done.returncode, done.stdout

    def assert_caught(self, code, message):
        status, output = self.check(code)
        self.assertEqual(status, 1, output)
        self.assertIn(message, output)

    def test_as_many_loads_as_products_pass(self):
        status, output = self.check(loop(GOOD))
        self.assertEqual(status, 0, output)
        self.assertIn("4 tdpbf16ps, 4 tileloadd", output)

    def test_only_the_innermost_loop_counts(self):
        status, output = self.check(["kernel:", "2:", *loop(GOOD)[1:-1], "dec %rdx", "jne 2b", "ret"])
        self.assertEqual(status, 0, output)

    def test_a_tile_loaded_twice_is_caught(self):
        self.assert_caught(loop(GOOD + [LOAD % 4]), "5 loads for 4 products; at most 4 are needed")

    def test_a_store_between_products_is_caught(self):
        self.assert_caught(loop(GOOD + ["tilestored %tmm3, (%rax,%rbx,1)"]), "tilestored between products")

    def test_a_loop_of_one_product_is_caught(self):
        self.assert_caught(loop(GOOD[:5]), "1 products; two or four are expected")

    def test_a_kernel_without_a_loop_is_caught(self):
        self.assert_caught(["kernel:", *PRODUCTS, "ret"], "no loop over tiles")

    def test_nothing_to_check_is_an_error(self):
        status, output = self.check(loop(GOOD), "gemm_bf16_avx512.cc.o")
        self.assertEqual(status, 1, output)
        self.assertIn("no gemm_*_amx object", output)


if __name__ == "__main__":
    unittest.main()
