"""Stage `check`: the exported int8 graph against the fp32 checkpoint, on 1,000 texts of the dev splits in many languages.

Writes `check.jsonl` into the run's folder: text, token ids and fp32 vector. `npm run bench:parity -- check.jsonl` then
compares what Transformers.js sees with what Python saw. Rows of the corpora never leave the work folder.
"""

import json
from pathlib import Path

import numpy as np
import onnxruntime
import torch
from tokenizers import Tokenizer

from .batches import pad
from .corpus import held_out, read_rows
from .export import WINDOW, torch_model
from .model import mean_pool
from .sources import SOURCES
from .tokenizer import PAD

TEXTS = 1_000
MINIMUM_COSINE = 0.99


def mixed_texts(data: Path) -> list[str]:
    """Equal shares of every source's dev rows and of the held-out parallel rows in every language."""
    pools = []
    for source in SOURCES:
        if (data / source.path).is_dir():
            continue  # Our own texts, all of them used in training.
        texts = []
        for _, row in read_rows(data / source.path):
            if source.kind == "parallel":
                texts += list(row["text"].values()) if held_out(row["id"]) else []
            elif row.get("split") == "dev":
                texts.append(row["text"])
            if len(texts) >= TEXTS:
                break
        if texts:
            pools.append(texts)
    each = TEXTS // len(pools) + 1
    mixed = [text for pool in pools for text in (pool * each)[:each]]
    return mixed[:TEXTS]


def check(data: Path, work: Path, run: str, out: Path) -> int:
    tokenizer = Tokenizer.from_file(str(out / "tokenizer.json"))
    session = onnxruntime.InferenceSession(str(out / "onnx" / "model_quantized.onnx"))
    net = torch_model(work, run)
    cosines = []
    with (work / "runs" / run / "check.jsonl").open("w", encoding="utf-8") as report:
        for text in mixed_texts(data):
            ids = tokenizer.encode(text, add_special_tokens=False).ids
            batch = pad([np.array(ids[: WINDOW - 2], dtype=np.uint16)], min(len(ids) + 2, WINDOW))
            with torch.no_grad():
                expected = mean_pool(net(batch, batch != PAD), batch != PAD)[0].numpy()
            mask = (batch != PAD).long().numpy()
            feed = {"input_ids": batch.numpy(), "attention_mask": mask, "token_type_ids": np.zeros_like(mask)}
            vector = (session.run(None, feed)[0] * mask[..., None]).sum(1)[0]
            cosines.append(float(vector @ expected / np.linalg.norm(vector)))
            row = {"text": text, "ids": batch[0].tolist(), "vector": [round(float(x), 6) for x in expected]}
            report.write(json.dumps(row, ensure_ascii=False) + "\n")
    mean, low = float(np.mean(cosines)), float(np.min(cosines))
    print(f"check: int8 against fp32 over {len(cosines)} texts: mean cosine {mean:.4f}, lowest {low:.4f}")
    if mean < MINIMUM_COSINE:
        print(f"check: the mean cosine is below {MINIMUM_COSINE}")
        return 1
    return 0
