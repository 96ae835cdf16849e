#!/usr/bin/env python3
"""Times a BERT cross-encoder in PyTorch.

    rival_torch.py --model DIR --workload FILE.json --set A --variant fp32 [--batch 8] [--threads 2] [--seconds 5] [--logits FILE]

Variants:
    fp32, bf16             linear layers (query, key and value as one) and batched products, weights and activations of that type
    fp32-fast, bf16-fast   nn.TransformerEncoder's inference fast path (fp32: nested tensors, no padding)
    int8                   linear layers quantised by torch.quantization.quantize_dynamic
"""

import argparse
import json
import math
import time

import numpy
import torch
import torch.nn.functional as F
from torch import nn

import checkpoint

MASKED = -10000.0  # added to the scores of padding, as BERT does
NORM_EPSILON = 1e-12
VARIANTS = ("fp32", "bf16", "fp32-fast", "bf16-fast", "int8")


class Layer(nn.Module):
    def __init__(self, hidden, heads, wide):
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(hidden, 3 * hidden)
        self.out = nn.Linear(hidden, hidden)
        self.norm1 = nn.LayerNorm(hidden, NORM_EPSILON)
        self.up = nn.Linear(hidden, wide)
        self.down = nn.Linear(wide, hidden)
        self.norm2 = nn.LayerNorm(hidden, NORM_EPSILON)

    def forward(self, x, mask):
        rows, length, hidden = x.shape
        qkv = self.qkv(x).view(rows, length, 3, self.heads, hidden // self.heads).permute(2, 0, 3, 1, 4)
        scores = torch.matmul(qkv[0], qkv[1].transpose(-1, -2))  # the query's weights carry the scale
        if mask is not None:
            scores = scores + mask
        mixed = torch.matmul(torch.softmax(scores, -1), qkv[2])
        x = self.norm1(x + self.out(mixed.transpose(1, 2).reshape(rows, length, hidden)))
        return self.norm2(x + self.down(F.gelu(self.up(x))))


class PlainEncoder(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.layers = nn.ModuleList(Layer(config["hidden_size"], config["num_attention_heads"], config["intermediate_size"])
                                    for _ in range(config["num_hidden_layers"]))

    def forward(self, x, mask):
        added = None if mask is None else (1.0 - mask.to(x.dtype))[:, None, None, :] * MASKED
        for layer in self.layers:
            x = layer(x, added)
        return x


class FastEncoder(nn.Module):
    def __init__(self, config):
        super().__init__()
        layer = nn.TransformerEncoderLayer(config["hidden_size"], config["num_attention_heads"], config["intermediate_size"], 0.0, "gelu",
                                           NORM_EPSILON, batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, config["num_hidden_layers"], enable_nested_tensor=True)

    def forward(self, x, mask):
        return self.encoder(x, src_key_padding_mask=None if mask is None else mask == 0)


class CrossEncoder(nn.Module):
    def __init__(self, config, fast):
        super().__init__()
        hidden = config["hidden_size"]
        self.words = nn.Embedding(config["vocab_size"], hidden)
        self.positions = nn.Embedding(config["max_position_embeddings"], hidden)
        self.segments = nn.Embedding(config["type_vocab_size"], hidden)
        self.norm = nn.LayerNorm(hidden, NORM_EPSILON)
        self.encoder = FastEncoder(config) if fast else PlainEncoder(config)
        self.pooler = nn.Linear(hidden, hidden)
        self.classifier = nn.Linear(hidden, 1)

    def forward(self, ids, segments, mask):
        x = self.norm(self.words(ids) + self.segments(segments) + self.positions.weight[:ids.shape[1]])
        x = self.encoder(x, mask)
        return self.classifier(torch.tanh(self.pooler(x[:, 0]))).float().flatten()


# This program's names of a layer's parts, for the plain and the fast encoder, and the checkpoint's.
LAYER_PARTS = (("out", "self_attn.out_proj", "attention.output.dense"), ("norm1", "norm1", "attention.output.LayerNorm"),
               ("up", "linear1", "intermediate.dense"), ("down", "linear2", "output.dense"), ("norm2", "norm2", "output.LayerNorm"))


def layer_state(weights, number, fast, scale):
    checkpoint_prefix = "bert.encoder.layer.%d." % number
    prefix = "encoder.%slayers.%d." % ("encoder." if fast else "", number)
    state = {}
    for kind in ("weight", "bias"):
        query, key, value = (weights("%sattention.self.%s.%s" % (checkpoint_prefix, part, kind)) for part in ("query", "key", "value"))
        name = "self_attn.in_proj_" + kind if fast else "qkv." + kind
        state[prefix + name] = torch.cat([query * scale, key, value])
        for plain, fast_name, full in LAYER_PARTS:
            state["%s%s.%s" % (prefix, fast_name if fast else plain, kind)] = weights("%s%s.%s" % (checkpoint_prefix, full, kind))
    return state


def build(directory, variant):
    config, arrays = checkpoint.read_config(directory), checkpoint.read_weights(directory)
    fast = variant.endswith("-fast")

    def weights(name):
        return torch.from_numpy(numpy.array(arrays[name]))

    embeddings = "bert.embeddings."
    state = {"words.weight": weights(embeddings + "word_embeddings.weight"),
             "positions.weight": weights(embeddings + "position_embeddings.weight"),
             "segments.weight": weights(embeddings + "token_type_embeddings.weight")}
    for name, full in (("norm", embeddings + "LayerNorm"), ("pooler", "bert.pooler.dense"), ("classifier", "classifier")):
        for kind in ("weight", "bias"):
            state["%s.%s" % (name, kind)] = weights("%s.%s" % (full, kind))
    scale = 1.0 if fast else 1.0 / math.sqrt(config["hidden_size"] // config["num_attention_heads"])
    for number in range(config["num_hidden_layers"]):
        state.update(layer_state(weights, number, fast, scale))
    model = CrossEncoder(config, fast)
    model.load_state_dict(state)
    model = model.eval()
    if variant.startswith("bf16"):
        return model.bfloat16()
    if variant == "int8":
        return torch.quantization.quantize_dynamic(model, {nn.Linear}, dtype=torch.qint8)
    return model


class Request:
    """The pairs of a workload in batches by length."""

    def __init__(self, path, name, size):
        with open(path, encoding="utf-8") as file:
            request = json.load(file)[name]
        self.input_ids, self.segment0 = request["input_ids"], request["segment0"]
        order = sorted(range(len(self.input_ids)), key=lambda i: -len(self.input_ids[i]))
        self.batches = [order[i:i + size] for i in range(0, len(order), size)]

    def tensors(self, batch):
        """ids, segments, and the mask where there is padding."""
        lengths = [len(self.input_ids[i]) for i in batch]
        ids = torch.zeros(len(batch), max(lengths), dtype=torch.long)
        segments, mask = torch.zeros_like(ids), torch.zeros_like(ids)
        for row, (i, length) in enumerate(zip(batch, lengths)):
            ids[row, :length] = torch.tensor(self.input_ids[i])
            segments[row, self.segment0:length] = 1
            mask[row, :length] = 1
        return ids, segments, None if min(lengths) == max(lengths) else mask

    def run(self, model):
        logits = [0.0] * len(self.input_ids)
        for batch in self.batches:
            for i, logit in zip(batch, model(*self.tensors(batch)).tolist()):
                logits[i] = logit
        return logits


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", required=True)
    parser.add_argument("--workload", required=True)
    parser.add_argument("--set", required=True)
    parser.add_argument("--variant", choices=VARIANTS, required=True)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=5.0, help="time to spend after one pass to warm up; 0: that pass alone")
    parser.add_argument("--logits")
    return parser.parse_args()


def main():
    arguments = parse_arguments()
    torch.set_num_threads(arguments.threads)
    torch.set_grad_enabled(False)
    if arguments.variant == "int8":
        engines = torch.backends.quantized.supported_engines
        torch.backends.quantized.engine = "onednn" if "onednn" in engines else engines[-1]
    model = build(arguments.model, arguments.variant)
    request = Request(arguments.workload, arguments.set, arguments.batch)
    logits, times = request.run(model), []
    begin = time.perf_counter()
    while time.perf_counter() - begin < arguments.seconds:
        start = time.perf_counter()
        logits = request.run(model)
        times.append((time.perf_counter() - start) * 1e3)
    if arguments.logits:
        with open(arguments.logits, "w", encoding="utf-8") as file:
            json.dump(logits, file)
    print(json.dumps({"version": torch.__version__, "ms": times}))


if __name__ == "__main__":
    main()
