"""Reads a BERT cross-encoder in Hugging Face's layout, for the exporters and the rivals. Needs numpy."""

import json
import pathlib
import struct

import numpy


def read_config(directory):
    return json.loads((pathlib.Path(directory) / "config.json").read_text(encoding="utf-8"))


def read_weights(directory):
    """name -> float32 array, mapped."""
    path = pathlib.Path(directory) / "model.safetensors"
    with open(path, "rb") as file:
        size = struct.unpack("<Q", file.read(8))[0]
        header = json.loads(file.read(size))
    data = numpy.memmap(path, dtype=numpy.uint8, mode="r", offset=8 + size)
    weights = {}
    for name, tensor in header.items():
        if name == "__metadata__":
            continue
        if tensor["dtype"] != "F32":
            raise ValueError("%s: %s is %s, expected F32" % (path, name, tensor["dtype"]))
        begin, end = tensor["data_offsets"]
        weights[name] = data[begin:end].view("<f4").reshape(tensor["shape"])
    return weights
