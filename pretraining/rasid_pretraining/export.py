"""Stage `export`: a checkpoint becomes `models/encoder`, int8, in the layout that Hugging Face tools expect."""

import hashlib
import json
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic

from .graph import build
from .settings import ACTIVATION, LAYER_NORM_EPSILON, Architecture, Recipe
from .train import load_last

WINDOW = 256


def checkpoint(work: Path, run: str) -> tuple[dict[str, np.ndarray], Architecture]:
    state = load_last(work, run)
    if state is None:
        raise FileNotFoundError(f"run {run} has no checkpoint in {work}")
    weights = {k.removeprefix("bert."): v.float().numpy() for k, v in state["net"].items() if k.startswith("bert.")}
    return weights, Architecture(**state["recipe"]["architecture"])


def write_json(path: Path, value: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def config(a: Architecture, activation: str) -> dict:
    return {
        "architectures": ["BertModel"], "model_type": "bert", "vocab_size": a.vocab_size, "hidden_size": a.hidden_size,
        "num_hidden_layers": a.num_hidden_layers, "num_attention_heads": a.num_attention_heads,
        "intermediate_size": a.intermediate_size, "hidden_act": activation, "max_position_embeddings": a.max_position_embeddings,
        "type_vocab_size": 2, "layer_norm_eps": LAYER_NORM_EPSILON, "hidden_dropout_prob": 0.1, "attention_probs_dropout_prob": 0.1,
        "initializer_range": 0.02, "pad_token_id": 0, "position_embedding_type": "absolute",
    }


def write_encoder(
    weights: dict[str, np.ndarray], a: Architecture, tokenizer: Path, out: Path, full: Path | None = None, activation: str = ACTIVATION
) -> None:
    """Writes the model folder; the fp32 graph goes to `full`, where it is given."""
    (out / "onnx").mkdir(parents=True, exist_ok=True)
    onnx_path = out / "onnx" / "model_quantized.onnx"
    with tempfile.TemporaryDirectory() as folder:
        plain, quantized = Path(folder) / "model.onnx", Path(folder) / "quantized.onnx"
        onnx.save(build(weights, a, activation), plain)
        quantize_dynamic(plain, quantized, weight_type=QuantType.QInt8, extra_options={"DefaultTensorType": onnx.TensorProto.FLOAT})
        if full is not None:
            shutil.copy(plain, full)
        shutil.move(quantized, onnx_path)
    shutil.copy(tokenizer, out / "tokenizer.json")
    write_json(out / "config.json", config(a, activation))
    special = {"pad_token": "[PAD]", "unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]", "mask_token": "[MASK]"}
    write_json(out / "tokenizer_config.json", {"tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": a.max_position_embeddings, **special})
    write_json(out / "special_tokens_map.json", special)
    write_json(out / "modules.json", [
        {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
        {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
        {"idx": 2, "name": "2", "path": "2_Normalize", "type": "sentence_transformers.models.Normalize"},
    ])
    write_json(out / "1_Pooling" / "config.json", {
        "word_embedding_dimension": a.hidden_size, "pooling_mode_mean_tokens": True, "pooling_mode_cls_token": False,
        "pooling_mode_max_tokens": False, "pooling_mode_mean_sqrt_len_tokens": False,
    })
    write_json(out / "sentence_bert_config.json", {"max_seq_length": WINDOW, "do_lower_case": False})
    size = sum(p.stat().st_size for p in out.rglob("*") if p.is_file())
    parameters = sum(w.size for w in weights.values())
    digest = hashlib.sha256(onnx_path.read_bytes()).hexdigest()
    print(f"export: {parameters:,} parameters, {size / 1e6:.1f} MB in all, onnx sha256 {digest}", flush=True)


def export(work: Path, run: str, out: Path) -> None:
    weights, a = checkpoint(work, run)
    write_encoder(weights, a, work / "tokenizer.json", out, full=work / "runs" / run / "model.onnx")


def export_reference(work: Path, recipe: Recipe, out: Path) -> None:
    """An encoder of the shape of multilingual-e5-small with random weights: what speed is measured against."""
    from .model import Bert

    a = replace(recipe.architecture, num_hidden_layers=12, num_attention_heads=12, intermediate_size=1_536)
    torch.manual_seed(recipe.seed)
    weights = {k: v.float().numpy() for k, v in Bert(a).state_dict().items()}
    write_encoder(weights, a, work / "tokenizer.json", out, activation="gelu")


def torch_model(work: Path, run: str) -> torch.nn.Module:
    from .model import Bert

    weights, a = checkpoint(work, run)
    net = Bert(a)
    net.load_state_dict({k: torch.from_numpy(v) for k, v in weights.items()})
    return net.eval()
