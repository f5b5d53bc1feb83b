"""Stage `normalise`: corpora as they are shipped → one checked JSONL file per source, train split only.

A row becomes `{"text", "title"?, "labels"?}` or, for parallel text, `{"texts": {language: text}, "labels"?, "sentiment"?}`.
Refused, naming file and line: a row that is no JSON object, a missing field, an unknown split, invalid UTF-8,
and an id that stands in two splits.
"""

import gzip
import hashlib
import json
import lzma
import re
from collections.abc import Iterator
from pathlib import Path

from .sources import SENTIMENT, SOURCES, Source

LANGUAGES = ("ar", "en", "fr", "ckb", "kmr", "fa", "tr", "es", "de", "ru", "he", "ur")
SPLITS = ("train", "dev")
LINK = re.compile(r"https?://\S+|@\w+")


class CorpusError(ValueError):
    """A corpus row that cannot be used; the message names file, line and reason."""


def open_lines(path: Path) -> Iterator[tuple[int, str]]:
    opener = {".gz": gzip.open, ".xz": lzma.open}.get(path.suffix, open)
    with opener(path, "rb") as handle:
        for number, raw in enumerate(handle, 1):
            try:
                yield number, raw.decode("utf-8").rstrip("\r\n")
            except UnicodeDecodeError as error:
                raise CorpusError(f"{path}:{number}: invalid UTF-8 at byte {error.start}") from None


def read_rows(path: Path) -> Iterator[tuple[int, dict]]:
    for number, line in open_lines(path):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except json.JSONDecodeError as error:
            raise CorpusError(f"{path}:{number}: not JSON ({error.msg})") from None
        if not isinstance(row, dict):
            raise CorpusError(f"{path}:{number}: expected an object, found {type(row).__name__}")
        yield number, row


def held_out(row_id: str) -> bool:
    """A quarter of the NTREX rows, by hash of the id, is kept for measuring retrieval."""
    return row_id.startswith("ntrex") and int(hashlib.sha256(row_id.encode()).hexdigest(), 16) % 4 == 0


def clean(text: str) -> str:
    text = LINK.sub(" ", text.replace("\\n", "\n").replace("\ufeff", ""))
    return re.sub(r"[ \t]+", " ", text.replace("_", " ")).strip()


def _labels(source: Source, row: dict, where: str) -> list[str]:
    if source.label is None:
        return []
    holder = row.get("labels", row)
    value = holder.get(source.label)
    if value is None:
        if source.kind == "parallel":
            return []
        raise CorpusError(f"{where}: field labels.{source.label} is missing")
    return value if isinstance(value, list) else [value]


def convert(source: Source, path: Path) -> Iterator[dict]:
    """Checked rows of one source, its train split only. A folder is read file by file."""
    if path.is_dir():
        for part in sorted(path.glob("*.jsonl")):
            yield from convert(source, part)
        return
    seen: dict[str, str] = {}
    labelled = source.label is not None and source.kind != "parallel"
    for number, row in read_rows(path):
        where = f"{path}:{number}"
        row_id, text = row.get("id"), row.get("text")
        if not isinstance(row_id, str) or not row_id:
            raise CorpusError(f"{where}: field id is missing")
        if text is None or (isinstance(text, str) != (source.kind != "parallel")):
            raise CorpusError(f"{where}: field text is missing or of the wrong type")
        split = row.get("split", None if labelled else "train")
        if split not in SPLITS:
            raise CorpusError(f"{where}: field split is {split!r}, expected one of {', '.join(SPLITS)}")
        if seen.setdefault(row_id, split) != split:
            raise CorpusError(f"{where}: id {row_id} stands in both splits, {seen[row_id]} and {split}")
        if source.kind == "parallel" and row.get("sentiment", SENTIMENT[0]) not in SENTIMENT:
            raise CorpusError(f"{where}: field sentiment is {row['sentiment']!r}, expected one of {', '.join(SENTIMENT)}")
        labels = _labels(source, row, where)
        if split != "train":
            continue
        if source.kind == "parallel":
            if not held_out(row_id):
                texts = {k: clean(v) for k, v in text.items() if k in LANGUAGES and v.strip()}
                yield {"texts": texts, "labels": labels, **({"sentiment": row["sentiment"]} if "sentiment" in row else {})}
        elif clean(text):
            title = clean(row.get("title") or "")
            yield {"text": clean(text), "labels": labels, **({"title": title} if title else {})}


def normalise(data: Path, work: Path) -> None:
    target = work / "corpus"
    target.mkdir(parents=True, exist_ok=True)
    for source in SOURCES:
        count = 0
        temporary = target / f"{source.name}.tmp"
        with temporary.open("w", encoding="utf-8") as out:
            for row in convert(source, data / source.path):
                out.write(json.dumps(row, ensure_ascii=False) + "\n")
                count += 1
        temporary.rename(target / f"{source.name}.jsonl")
        print(f"normalise {source.name}: {count} rows", flush=True)
