"""The engines, the configurations in which each is timed, and the command that runs each."""

import dataclasses
import pathlib

HERE = pathlib.Path(__file__).resolve().parent
DEBIAN_PYTHON = "/usr/bin/python3"  # the one that Debian's python3-* packages belong to
RIVALS = ("onnxruntime", "torch", "llama.cpp")
TITLES = {"onnxruntime": "ONNX Runtime", "torch": "PyTorch", "llama.cpp": "llama.cpp", "podium": "Podium"}

# glibc gives large blocks back to the kernel as soon as they are free, and every batch pays for fresh pages: PyTorch takes up to three times
# as long. The rivals keep what they had.
MALLOC = {"MALLOC_MMAP_THRESHOLD_": "1073741824", "MALLOC_TRIM_THRESHOLD_": "8589934592", "MALLOC_TOP_PAD_": "67108864"}


@dataclasses.dataclass(frozen=True)
class Configuration:
    """One way to run an engine. `batches` are the batch sizes worth trying; `limit` the instruction set that it is held to, if any."""

    engine: str
    precision: str
    variant: str = ""
    threads: int = 1  # of one worker
    workers: int = 1
    limit: str = ""
    batches: tuple = (1,)

    def label(self):
        parts = [self.variant, "%d x %d threads" % (self.workers, self.threads) if self.workers > 1 else "%d threads" % self.threads]
        if self.limit:
            parts.append("held to " + self.limit)
        return ", ".join(part for part in parts if part)

    def title(self):
        return "%s %s (%s)" % (TITLES[self.engine], self.precision, self.label())


def onnxruntime_configurations(threads):
    for variant in ("plain", "fused"):
        for precision in ("fp32", "int8"):
            yield Configuration("onnxruntime", precision, variant, threads, batches=(1, 4, 8, 16, 32))
            if threads > 1:
                yield Configuration("onnxruntime", precision, variant, 1, threads, batches=(1, 2, 4, 8))


def torch_configurations(threads):
    for precision in ("fp32", "bf16"):
        for variant in ("", "fast path"):
            yield Configuration("torch", precision, variant, threads, batches=(1, 8, 16, 32))
    yield Configuration("torch", "int8", "", threads, batches=(1, 8, 16))
    yield Configuration("torch", "fp32", "", threads, limit="avx2", batches=(1, 8, 16))


def llama_configurations(threads):
    for precision, file_type in (("fp32", "f32"), ("f16", "f16"), ("bf16", "bf16"), ("int8", "q8_0")):
        yield Configuration("llama.cpp", precision, file_type, threads)
        if threads > 1:
            yield Configuration("llama.cpp", precision, file_type, 1, threads)


def configurations(engine, threads):
    makers = {"onnxruntime": onnxruntime_configurations, "torch": torch_configurations, "llama.cpp": llama_configurations}
    return list(makers[engine](threads))


def torch_environment(configuration, folder):
    """Settings under which PyTorch is at its best, or held to AVX2."""
    avx2 = configuration.limit == "avx2"
    avx512 = not avx2 and "avx512bw" in pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8")
    environment = {
        **MALLOC,
        "LD_LIBRARY_PATH": str(folder / "openblas"),  # Debian's default BLAS is the reference one
        "OPENBLAS_CORETYPE": "SkylakeX" if avx512 else "Haswell",
        "OPENBLAS_L2_SIZE": None,
        "OMP_NUM_THREADS": str(configuration.threads),
        "ATEN_CPU_CAPABILITY": "avx512" if avx512 else "avx2",
    }
    if avx2:
        environment["ONEDNN_MAX_CPU_ISA"] = "AVX2"
    return environment


class Rivals:
    """Commands of the rivals; `folder` has what install.sh and the exporters left."""

    def __init__(self, folder, requests):
        self.folder, self.requests = folder, requests

    def model_file(self, configuration, model):
        if configuration.engine == "onnxruntime":
            return self.folder / model / ("%s-%s.onnx" % (configuration.variant, configuration.precision))
        return self.folder / model / (configuration.variant + ".gguf")

    def export_command(self, configuration, model, segment0):
        """The command that makes model_file, or None where the engine reads the checkpoint itself."""
        path = str(self.model_file(configuration, model))
        if configuration.engine == "onnxruntime":
            return [DEBIAN_PYTHON, "-B", str(HERE / "export_onnx.py"), str(self.folder / model), configuration.variant,
                    configuration.precision, path]
        if configuration.engine == "llama.cpp":
            return [DEBIAN_PYTHON, "-B", str(HERE / "gguf.py"), str(self.folder / model), configuration.variant, str(segment0), path]
        return None

    @staticmethod
    def exporters():
        return [HERE / name for name in ("export_onnx.py", "gguf.py", "checkpoint.py")]

    def timing_command(self, configuration, model, workload, batch, seconds):
        """(command, environment) of a process that prints {"version", "ms"}; `--logits FILE` may be added."""
        common = ["--workload", str(self.requests), "--set", workload, "--threads", str(configuration.threads), "--seconds", str(seconds)]
        if configuration.engine == "torch":
            variant = configuration.precision + ("-fast" if configuration.variant else "")
            command = [DEBIAN_PYTHON, "-B", str(HERE / "rival_torch.py"), "--model", str(self.folder / model), "--variant", variant]
            return command + common + ["--batch", str(batch)], torch_environment(configuration, self.folder)
        common += ["--modules", str(self.folder / "npm"), "--workers", str(configuration.workers)]
        path = str(self.model_file(configuration, model))
        if configuration.engine == "onnxruntime":
            return ["node", str(HERE / "rival_ort.mjs"), "--onnx", path, "--batch", str(batch)] + common, MALLOC
        return ["node", str(HERE / "rival_llama.mjs"), "--gguf", path] + common, MALLOC
