"""The ONNX graph of a BertModel, written with onnxruntime's fused operators (Attention, SkipLayerNormalization, …).

The graph is composed directly instead of traced and then pattern-matched: the fused form is the same, and no exporter
or optimiser version decides whether a fusion happens.
"""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from .settings import Architecture

FUSED = "com.microsoft"


class GraphBuilder:
    def __init__(self, weights: dict[str, np.ndarray]):
        self.weights, self.nodes, self.initializers = weights, [], {}

    def tensor(self, name: str, array: np.ndarray | None = None) -> str:
        value = self.weights[name] if array is None else array
        self.initializers[name] = numpy_helper.from_array(np.ascontiguousarray(value.astype(np.float32)), name)
        return name

    def node(self, operator: str, inputs: list[str], output: str | list[str], domain: str = "", **attributes) -> str:
        outputs = output if isinstance(output, list) else [output]
        self.nodes.append(helper.make_node(operator, inputs, outputs, name=outputs[0], domain=domain, **attributes))
        return outputs[0]

    def layer(self, x: str, mask: str, i: int, a: Architecture) -> str:
        w, p = self.weights, f"encoder.layer.{i}."
        projections = [f"{p}attention.self.{k}" for k in ("query", "key", "value")]
        qkv = self.tensor(f"{p}qkv.weight", np.concatenate([w[f"{k}.weight"] for k in projections]).T)
        bias = self.tensor(f"{p}qkv.bias", np.concatenate([w[f"{k}.bias"] for k in projections]))
        y = self.node("Attention", [x, qkv, bias, mask], f"{p}attention", FUSED, num_heads=a.num_attention_heads)
        x = self.add_norm(self.matmul(y, f"{p}attention.output.dense"), x, f"{p}attention.output")
        y = self.node("Add", [self.matmul(x, f"{p}intermediate.dense"), self.tensor(f"{p}intermediate.dense.bias")], f"{p}inner")
        y = self.node("Relu", [y], f"{p}activation")
        return self.add_norm(self.matmul(y, f"{p}output.dense"), x, f"{p}output")

    def matmul(self, x: str, name: str) -> str:
        return self.node("MatMul", [x, self.tensor(f"{name}.weight", self.weights[f"{name}.weight"].T)], f"{name}.product")

    def add_norm(self, x: str, residual: str, p: str) -> str:
        tensors = [self.tensor(f"{p}.LayerNorm.weight"), self.tensor(f"{p}.LayerNorm.bias"), self.tensor(f"{p}.dense.bias")]
        return self.node("SkipLayerNormalization", [x, residual, *tensors], f"{p}.norm", FUSED, epsilon=1e-12)


def build(weights: dict[str, np.ndarray], a: Architecture) -> onnx.ModelProto:
    """input_ids, attention_mask, token_type_ids: int64 [batch, length] → last_hidden_state: float [batch, length, hidden]."""
    g = GraphBuilder(weights)
    inputs = ("input_ids", "attention_mask", "token_type_ids")
    ids, mask, types = (g.node("Cast", [name], f"{name}.int32", to=TensorProto.INT32) for name in inputs)
    e = "embeddings."
    tables = [g.tensor(f"{e}{k}_embeddings.weight") for k in ("word", "position", "token_type")]
    norm = [g.tensor(f"{e}LayerNorm.{k}") for k in ("weight", "bias")]
    # The operator also returns a right-padding length per row; Attention reads the full mask instead.
    x = g.node("EmbedLayerNormalization", [ids, types, *tables, *norm, mask], [f"{e}norm", f"{e}lengths"], FUSED, epsilon=1e-12)
    for i in range(a.num_hidden_layers):
        x = g.layer(x, mask, i, a)
    g.node("Identity", [x], "last_hidden_state")
    shape = ["batch", "length"]
    graph = helper.make_graph(
        g.nodes,
        "bert",
        [helper.make_tensor_value_info(name, TensorProto.INT64, shape) for name in inputs],
        [helper.make_tensor_value_info("last_hidden_state", TensorProto.FLOAT, [*shape, a.hidden_size])],
        list(g.initializers.values()),
    )
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid(FUSED, 1)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=8, producer_name="rasid_pretraining")
