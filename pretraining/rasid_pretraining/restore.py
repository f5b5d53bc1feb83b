"""Stage `restore`: an exported encoder becomes a run again, so that training can go on without its checkpoints.

The int8 weights are scaled back to floating point; what was rounded away is learnt again within a few steps. Heads and
the optimizer's state are not part of an export: they start anew.
"""

import json
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper

from .batches import Batches
from .settings import Architecture, Recipe
from .train import Objectives, save


def exported_weights(path: Path, a: Architecture) -> dict[str, torch.Tensor]:
    """The tensors of `Bert.state_dict()`, read from an int8 graph that `graph.py` composed."""
    stored = {t.name: numpy_helper.to_array(t) for t in onnx.load(path).graph.initializer}

    def tensor(name: str) -> np.ndarray:
        if name in stored:
            return stored[name]
        if f"{name}_quantized" not in stored:
            raise ValueError(f"{path} holds no tensor {name}: it was not written by the stage export")
        zero = stored[f"{name}_zero_point"].astype(np.float32)
        return (stored[f"{name}_quantized"].astype(np.float32) - zero) * stored[f"{name}_scale"]

    names = [f"embeddings.{k}_embeddings.weight" for k in ("word", "position", "token_type")]
    names += [f"embeddings.LayerNorm.{k}" for k in ("weight", "bias")]
    weights = {name: tensor(name) for name in names}
    for i in range(a.num_hidden_layers):
        p = f"encoder.layer.{i}."
        parts = zip(np.split(tensor(f"{p}qkv.weight").T, 3), np.split(tensor(f"{p}qkv.bias"), 3), strict=True)
        for name, (weight, bias) in zip(("query", "key", "value"), parts, strict=True):
            weights |= {f"{p}attention.self.{name}.weight": weight, f"{p}attention.self.{name}.bias": bias}
        for name in ("attention.output", "output"):
            weights |= {f"{p}{name}.LayerNorm.{k}": tensor(f"{p}{name}.LayerNorm.{k}") for k in ("weight", "bias")}
        for name in ("attention.output.dense", "intermediate.dense", "output.dense"):
            weights |= {f"{p}{name}.weight": tensor(f"{p}{name}.weight").T, f"{p}{name}.bias": tensor(f"{p}{name}.bias")}
    return {name: torch.tensor(np.ascontiguousarray(w, dtype=np.float32)) for name, w in weights.items()}


def restore(work: Path, recipe: Recipe, encoder: Path, run: str) -> None:
    if (encoder / "tokenizer.json").read_bytes() != (work / "tokenizer.json").read_bytes():
        raise ValueError(f"the tokens in {work} are not those of {encoder}: run the stage tokenizer with --encoder {encoder}")
    shape = json.loads((encoder / "config.json").read_text(encoding="utf-8"))
    names = recipe.architecture.__dataclass_fields__.keys() & shape.keys()
    recipe = replace(recipe, architecture=replace(recipe.architecture, **{name: shape[name] for name in names}))
    classes = Batches(work).classes
    net = Objectives(recipe, classes)
    net.bert.load_state_dict(exported_weights(encoder / "onnx" / "model_quantized.onnx", recipe.architecture))
    folder = work / "runs" / run
    folder.mkdir(parents=True, exist_ok=True)
    save(folder / "last.pt", {"net": net.state_dict(), "optimizer": None, "step": 0, "recipe": asdict(recipe), "classes": classes})
    print(f"restore: {encoder} → {run}", flush=True)
