#!/usr/bin/env python3
"""Writes a BERT cross-encoder as the GGUF file that llama.cpp reads.

    gguf.py CHECKPOINT_DIR f32|f16|bf16|q8_0 SEGMENT_0 FILE.gguf

llama.cpp gives every token segment 0. So that it computes what the checkpoint means, the segment's row is added to the position's: the
first SEGMENT_0 positions get that of segment 0, the later ones that of segment 1. That is exact where every query has the same length.
The weights of linear layers get the named type; embeddings, biases and norms stay f32. Needs numpy.

Format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md, version 3.
"""

import json
import pathlib
import struct
import sys

import numpy

import checkpoint

VERSION = 3
ALIGNMENT = 32
UINT32, FLOAT32, BOOL, STRING, ARRAY = 4, 6, 7, 8, 9  # gguf_metadata_value_type
INT32 = 5
F32, F16, Q8_0, BF16 = 0, 1, 8, 30  # ggml_type
TYPES = {"f32": F32, "f16": F16, "bf16": BF16, "q8_0": Q8_0}
FILE_TYPES = {"f32": 0, "f16": 1, "q8_0": 7, "bf16": 32}  # general.file_type
POOLING_RANK = 4  # llama_pooling_type
NORMAL_TOKEN, CONTROL_TOKEN = 1, 3  # llama_token_type
Q8_0_BLOCK = 32  # values that share a scale


def text(value):
    data = value.encode("utf-8")
    return struct.pack("<Q", len(data)) + data


def metadata(key, kind, value):
    """One key-value pair; kind is a value type, or (ARRAY, type of the elements)."""
    packers = {UINT32: lambda v: struct.pack("<I", v), INT32: lambda v: struct.pack("<i", v), FLOAT32: lambda v: struct.pack("<f", v),
               BOOL: lambda v: struct.pack("<?", v), STRING: text}
    if isinstance(kind, tuple):
        body = struct.pack("<IQ", kind[1], len(value)) + b"".join(packers[kind[1]](v) for v in value)
        return text(key) + struct.pack("<I", ARRAY) + body
    return text(key) + struct.pack("<I", kind) + packers[kind](value)


def to_bf16(values):
    """The upper halves of float32, rounded to nearest, ties to even."""
    bits = values.astype(numpy.float32).view(numpy.uint32)
    return ((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16).astype("<u2")


def to_q8_0(values):
    """Blocks of a float16 scale and 32 int8 values."""
    blocks = values.astype(numpy.float32).reshape(-1, Q8_0_BLOCK)
    scale = numpy.abs(blocks).max(axis=1) / 127.0
    inverse = numpy.divide(1.0, scale, out=numpy.zeros_like(scale), where=scale > 0)
    packed = numpy.empty(len(blocks), dtype=[("scale", "<f2"), ("values", "i1", Q8_0_BLOCK)])
    packed["scale"] = scale
    packed["values"] = numpy.rint(blocks * inverse[:, None])
    return packed


def encode(values, ggml_type):
    if ggml_type == F32:
        return values.astype("<f4").tobytes()
    if ggml_type == F16:
        return values.astype("<f2").tobytes()
    return (to_bf16(values) if ggml_type == BF16 else to_q8_0(values)).tobytes()


def tensors(weights, layers, segment0, linear_type):
    """Yields (name, array, ggml type)."""
    embeddings = "bert.embeddings."
    segments = weights[embeddings + "token_type_embeddings.weight"]
    positions = numpy.array(weights[embeddings + "position_embeddings.weight"])
    positions[:segment0] += segments[0]
    positions[segment0:] += segments[1]
    yield "token_embd.weight", weights[embeddings + "word_embeddings.weight"], F32
    yield "token_types.weight", numpy.zeros_like(segments), F32
    yield "position_embd.weight", positions, F32
    renamed = {"token_embd_norm": embeddings + "LayerNorm"}
    for i in range(layers):
        block, layer = "blk.%d." % i, "bert.encoder.layer.%d." % i
        for short, name in (("attn_q", "attention.self.query"), ("attn_k", "attention.self.key"), ("attn_v", "attention.self.value"),
                            ("attn_output", "attention.output.dense"), ("attn_output_norm", "attention.output.LayerNorm"),
                            ("ffn_up", "intermediate.dense"), ("ffn_down", "output.dense"), ("layer_output_norm", "output.LayerNorm")):
            renamed[block + short] = layer + name
    renamed.update({"cls": "bert.pooler.dense", "cls.output": "classifier"})
    for short, name in renamed.items():
        weight = weights[name + ".weight"]
        yield short + ".weight", weight, linear_type if weight.ndim == 2 and weight.shape[0] > 1 else F32
        yield short + ".bias", weights[name + ".bias"], F32


def model_metadata(config, vocabulary, file_type):
    tokens = sorted(vocabulary, key=vocabulary.get)
    special = {token for token in tokens if token.startswith("[") and token.endswith("]") and len(token) > 2}
    cls, sep = vocabulary["[CLS]"], vocabulary["[SEP]"]
    # llama.cpp marks the start of a word where BERT's files mark its continuation.
    spelled = [token if token in special else token[2:] if token.startswith("##") else "\u2581" + token for token in tokens]
    return [
        metadata("general.architecture", STRING, "bert"),
        metadata("general.name", STRING, "cross-encoder"),
        metadata("general.file_type", UINT32, FILE_TYPES[file_type]),
        metadata("bert.block_count", UINT32, config["num_hidden_layers"]),
        metadata("bert.context_length", UINT32, config["max_position_embeddings"]),
        metadata("bert.embedding_length", UINT32, config["hidden_size"]),
        metadata("bert.feed_forward_length", UINT32, config["intermediate_size"]),
        metadata("bert.attention.head_count", UINT32, config["num_attention_heads"]),
        metadata("bert.attention.layer_norm_epsilon", FLOAT32, config["layer_norm_eps"]),
        metadata("bert.attention.causal", BOOL, False),
        metadata("bert.pooling_type", UINT32, POOLING_RANK),
        metadata("tokenizer.ggml.model", STRING, "bert"),
        metadata("tokenizer.ggml.token_type_count", UINT32, config["type_vocab_size"]),
        metadata("tokenizer.ggml.tokens", (ARRAY, STRING), spelled),
        metadata("tokenizer.ggml.token_type", (ARRAY, INT32), [CONTROL_TOKEN if token in special else NORMAL_TOKEN for token in tokens]),
        metadata("tokenizer.ggml.bos_token_id", UINT32, cls),
        metadata("tokenizer.ggml.cls_token_id", UINT32, cls),
        metadata("tokenizer.ggml.seperator_token_id", UINT32, sep),  # the format's own spelling
        metadata("tokenizer.ggml.padding_token_id", UINT32, vocabulary["[PAD]"]),
        metadata("tokenizer.ggml.unknown_token_id", UINT32, vocabulary["[UNK]"]),
        metadata("tokenizer.ggml.mask_token_id", UINT32, vocabulary["[MASK]"]),
        metadata("tokenizer.chat_template.rerank", STRING, "[CLS]{query}[SEP]{document}[SEP]"),
    ]


def write(path, pairs, arrays):
    """A GGUF file of encoded key-value pairs and (name, array, ggml type) triples."""
    encoded = [(name, array.shape, kind, encode(array, kind)) for name, array, kind in arrays]
    header, offset = [], 0
    for name, shape, kind, data in encoded:
        dimensions = tuple(reversed(shape))  # the format names the fastest dimension first
        header.append(text(name) + struct.pack("<I%dQIQ" % len(dimensions), len(dimensions), *dimensions, kind, offset))
        offset += len(data) + -len(data) % ALIGNMENT
    with open(path, "wb") as file:
        file.write(b"GGUF" + struct.pack("<IQQ", VERSION, len(encoded), len(pairs)) + b"".join(pairs) + b"".join(header))
        for _, _, _, data in encoded:
            file.write(b"\0" * (-file.tell() % ALIGNMENT))
            file.write(data)


def export(directory, file_type, segment0, path):
    config = checkpoint.read_config(directory)
    weights = checkpoint.read_weights(directory)
    tokenizer = json.loads((pathlib.Path(directory) / "tokenizer.json").read_text(encoding="utf-8"))
    write(path, model_metadata(config, tokenizer["model"]["vocab"], file_type),
          tensors(weights, config["num_hidden_layers"], segment0, TYPES[file_type]))


def main():
    if len(sys.argv) != 5 or sys.argv[2] not in TYPES or not sys.argv[3].isdigit():
        sys.exit(__doc__)
    directory, file_type, segment0, path = sys.argv[1:]
    export(directory, file_type, int(segment0), path)


if __name__ == "__main__":
    main()
