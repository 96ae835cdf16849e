#!/usr/bin/env python3
"""Writes ONNX graphs of a BERT cross-encoder.

    export_onnx.py CHECKPOINT_DIR plain|fused fp32|int8 FILE.onnx

plain   standard operators, as the usual exporters write them; ONNX Runtime fuses what it can when it loads the graph
fused   ONNX Runtime's own operators (Attention, SkipLayerNormalization, BiasGelu), as its transformer optimizer writes them
int8    what its quantize_dynamic makes of either with per-channel QInt8 weights: int8 weights with one scale per output channel,
        activations uint8 with one scale and zero point per tensor, found at run time (DynamicQuantizeLinear, MatMulInteger).
        Embeddings, pooler and classifier stay fp32: a look-up and one row per pair.

Needs numpy and the onnx package (1.12 is enough); opset 17.
"""

import math
import sys

import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper

import checkpoint

ORT_DOMAIN = "com.microsoft"
MASKED = -10000.0  # added to the scores of padding, as BERT does


class Graph:
    """Nodes and constants of a graph that grows; each method that adds an operator returns the name of its output."""

    def __init__(self, weights):
        self.weights = weights
        self.nodes, self.constants, self.known = [], [], set()

    def constant(self, name, value):
        if name not in self.known:
            self.known.add(name)
            self.constants.append(numpy_helper.from_array(numpy.array(value, order="C"), name))
        return name

    def scalar(self, value):
        return self.constant("scalar_%r" % value, numpy.array(value, numpy.float32))

    def integers(self, *values):
        return self.constant("integers_" + "_".join(map(str, values)), numpy.array(values, numpy.int64))

    def weight(self, name):
        return self.constant(name, self.weights[name])

    def matrix(self, name):
        """The [inputs, outputs] matrix of a linear layer; the checkpoint has it transposed."""
        return numpy.array(self.weights[name + ".weight"]).T

    def add(self, kind, *inputs, outputs=1, domain="", **attributes):
        number = len(self.nodes)
        names = ["%s_%d_%d" % (kind, number, i) for i in range(outputs)]
        self.nodes.append(helper.make_node(kind, inputs, names, name="node_%d" % number, domain=domain, **attributes))
        return names[0] if outputs == 1 else names

    def layer_norm(self, x, name, epsilon):
        return self.add("LayerNormalization", x, self.weight(name + ".weight"), self.weight(name + ".bias"), axis=-1, epsilon=epsilon)


def quantised(graph, name, matrix):
    """Names of the int8 matrix and of its scales, one per output."""
    scale = numpy.maximum(numpy.abs(matrix).max(0), 1e-12) / 127.0
    values = numpy.clip(numpy.rint(matrix / scale), -127, 127).astype(numpy.int8)
    return graph.constant(name + ".int8", values), graph.constant(name + ".scale", scale.astype(numpy.float32))


class PlainLayers:
    """Standard operators."""

    def __init__(self, graph, config, int8):
        self.graph, self.config, self.int8 = graph, config, int8

    def mask(self):
        g = self.graph
        wide = g.add("Unsqueeze", g.add("Unsqueeze", "attention_mask", g.integers(1)), g.integers(2))
        return g.add("Mul", g.add("Sub", g.scalar(1.0), g.add("Cast", wide, to=TensorProto.FLOAT)), g.scalar(MASKED))

    def linear(self, x, name, shared_input=None):
        g = self.graph
        if self.int8:
            values, scale, zero = shared_input or g.add("DynamicQuantizeLinear", x, outputs=3)
            weights, weight_scale = quantised(g, name, g.matrix(name))
            sums = g.add("Cast", g.add("MatMulInteger", values, weights, zero), to=TensorProto.FLOAT)
            product = g.add("Mul", sums, g.add("Mul", scale, weight_scale))
        else:
            product = g.add("MatMul", x, g.constant(name + ".matrix", g.matrix(name)))
        return g.add("Add", product, g.weight(name + ".bias"))

    def attention(self, x, prefix, mask):
        g = self.graph
        heads, hidden = self.config["num_attention_heads"], self.config["hidden_size"]
        width = hidden // heads
        shared = g.add("DynamicQuantizeLinear", x, outputs=3) if self.int8 else None
        shape = g.integers(0, 0, heads, width)

        def split(part, order):
            return g.add("Transpose", g.add("Reshape", self.linear(x, prefix + part, shared), shape), perm=order)

        query, key, value = split("query", [0, 2, 1, 3]), split("key", [0, 2, 3, 1]), split("value", [0, 2, 1, 3])
        scores = g.add("Div", g.add("MatMul", query, key), g.scalar(math.sqrt(width)))
        shares = g.add("Softmax", g.add("Add", scores, mask), axis=-1)
        mixed = g.add("Transpose", g.add("MatMul", shares, value), perm=[0, 2, 1, 3])
        return g.add("Reshape", mixed, g.integers(0, 0, hidden))

    def gelu(self, x, name):
        g = self.graph
        y = self.linear(x, name)
        bell = g.add("Add", g.add("Erf", g.add("Div", y, g.scalar(math.sqrt(2.0)))), g.scalar(1.0))
        return g.add("Mul", g.add("Mul", y, bell), g.scalar(0.5))

    def add_and_norm(self, x, dense, skip, norm):
        y = self.graph.add("Add", self.linear(x, dense), skip)
        return self.graph.layer_norm(y, norm, self.config["layer_norm_eps"])


class FusedLayers:
    """ONNX Runtime's own operators."""

    def __init__(self, graph, config, int8):
        self.graph, self.config, self.int8 = graph, config, int8

    def fused(self, kind, *inputs, **attributes):
        return self.graph.add(kind, *inputs, domain=ORT_DOMAIN, **attributes)

    def mask(self):
        return self.graph.add("Cast", "attention_mask", to=TensorProto.INT32)

    def product(self, x, name, bias=None):
        g = self.graph
        if self.int8:
            weights, scale = quantised(g, name, g.matrix(name))
            return self.fused("DynamicQuantizeMatMul", x, weights, scale, *(["", bias] if bias else []))
        y = g.add("MatMul", x, g.constant(name + ".matrix", g.matrix(name)))
        return g.add("Add", y, bias) if bias else y

    def attention(self, x, prefix, mask):
        g = self.graph
        heads = self.config["num_attention_heads"]
        parts = [prefix + part for part in ("query", "key", "value")]
        matrix = numpy.concatenate([g.matrix(part) for part in parts], 1)
        bias = g.constant(prefix + "qkv.bias", numpy.concatenate([g.weights[part + ".bias"] for part in parts]))
        if not self.int8:
            return self.fused("Attention", x, g.constant(prefix + "qkv", matrix), bias, mask, num_heads=heads)
        values, scale, zero = g.add("DynamicQuantizeLinear", x, outputs=3)
        weights, weight_scale = quantised(g, prefix + "qkv", matrix)
        return self.fused("QAttention", values, weights, bias, scale, weight_scale, mask, zero, num_heads=heads)

    def gelu(self, x, name):
        bias = self.graph.weight(name + ".bias")
        if self.int8:  # the quantised product adds its bias itself
            return self.fused("Gelu", self.product(x, name, bias))
        return self.fused("BiasGelu", self.product(x, name), bias)

    def add_and_norm(self, x, dense, skip, norm):
        g = self.graph
        return self.fused("SkipLayerNormalization", self.product(x, dense), skip, g.weight(norm + ".weight"),
                          g.weight(norm + ".bias"), g.weight(dense + ".bias"), epsilon=self.config["layer_norm_eps"])


LAYERS = {"plain": PlainLayers, "fused": FusedLayers}


def embed(g, config):
    prefix = "bert.embeddings."
    words = g.add("Gather", g.weight(prefix + "word_embeddings.weight"), "input_ids")
    segments = g.add("Gather", g.weight(prefix + "token_type_embeddings.weight"), "token_type_ids")
    length = g.add("Slice", g.add("Shape", "input_ids"), g.integers(1), g.integers(2))
    positions = g.add("Slice", g.weight(prefix + "position_embeddings.weight"), g.integers(0), length, g.integers(0))
    return g.layer_norm(g.add("Add", g.add("Add", words, segments), positions), prefix + "LayerNorm", config["layer_norm_eps"])


def classify(g, x):
    first = g.add("Gather", x, g.constant("first", numpy.array(0, numpy.int64)), axis=1)
    pooled = g.add("Tanh", g.add("Gemm", first, g.weight("bert.pooler.dense.weight"), g.weight("bert.pooler.dense.bias"), transB=1))
    g.add("Gemm", pooled, g.weight("classifier.weight"), g.weight("classifier.bias"), transB=1)
    g.nodes[-1].output[0] = "logits"


def build(config, weights, variant, int8):
    g = Graph(weights)
    layers = LAYERS[variant](g, config, int8)
    x, mask = embed(g, config), layers.mask()
    for i in range(config["num_hidden_layers"]):
        prefix = "bert.encoder.layer.%d." % i
        y = layers.attention(x, prefix + "attention.self.", mask)
        x = layers.add_and_norm(y, prefix + "attention.output.dense", x, prefix + "attention.output.LayerNorm")
        y = layers.gelu(x, prefix + "intermediate.dense")
        x = layers.add_and_norm(y, prefix + "output.dense", x, prefix + "output.LayerNorm")
    classify(g, x)
    inputs = [helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "sequence"])
              for name in ("input_ids", "attention_mask", "token_type_ids")]
    logits = helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", 1])
    graph = helper.make_graph(g.nodes, "bert", inputs, [logits], g.constants)
    return helper.make_model(graph, ir_version=8, opset_imports=[helper.make_opsetid("", 17), helper.make_opsetid(ORT_DOMAIN, 1)])


def main():
    if len(sys.argv) != 5 or sys.argv[2] not in LAYERS or sys.argv[3] not in ("fp32", "int8"):
        sys.exit(__doc__)
    directory, variant, precision, path = sys.argv[1:]
    model = build(checkpoint.read_config(directory), checkpoint.read_weights(directory), variant, precision == "int8")
    onnx.save(model, path)


if __name__ == "__main__":
    main()
