"""Corpora that are refused, each with file, line and reason: `python -m unittest discover tests`."""

import gzip
import json
import tempfile
import unittest
from pathlib import Path

from rasid_pretraining.corpus import CorpusError, convert
from rasid_pretraining.sources import SENTIMENT, by_name

GOOD = {"id": "a", "text": "خبر قصير", "labels": {"topic": "Sports"}, "split": "train"}


def rows_of(*lines: bytes | dict) -> list[dict]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "khaleej.jsonl.gz"
        with gzip.open(path, "wb") as out:
            for line in lines:
                out.write((line if isinstance(line, bytes) else json.dumps(line).encode()) + b"\n")
        return list(convert(by_name("khaleej"), path))


class RefusedCorpora(unittest.TestCase):
    def assert_refused(self, reason: str, *lines: bytes | dict) -> None:
        """The last line is at fault."""
        with self.assertRaises(CorpusError) as caught:
            rows_of(*lines)
        self.assertRegex(str(caught.exception), rf"khaleej\.jsonl\.gz:{len(lines)}: .*{reason}")

    def test_invalid_utf8(self):
        self.assert_refused("invalid UTF-8 at byte 2", GOOD, b'{"\xff\xfe"}')

    def test_no_json(self):
        self.assert_refused("not JSON", GOOD, b'{"id": "b"')

    def test_no_object(self):
        self.assert_refused("expected an object, found list", b"[]")

    def test_missing_fields(self):
        for field in ("id", "text", "split"):
            with self.subTest(field):
                self.assert_refused(f"field {field}", {k: v for k, v in GOOD.items() if k != field})
        self.assert_refused("field labels.topic is missing", {**GOOD, "labels": {}})

    def test_unknown_split(self):
        self.assert_refused("field split is 'test'", GOOD, {**GOOD, "id": "b", "split": "test"})

    def test_one_id_in_two_splits(self):
        self.assert_refused("id a stands in both splits, train and dev", GOOD, {**GOOD, "split": "dev"})

    def test_only_the_train_split_is_kept(self):
        rows = rows_of(GOOD, {**GOOD, "id": "b", "split": "dev"})
        self.assertEqual([row["text"] for row in rows], [GOOD["text"]])


class OwnOpinions(unittest.TestCase):
    def test_every_row_is_read_with_a_sentiment_of_the_shared_head(self):
        source = by_name("opinions")
        rows = list(convert(source, Path(source.path)))
        self.assertGreater(len(rows), 3_500)
        self.assertEqual({label for row in rows for label in row["labels"]}, set(SENTIMENT))
        self.assertEqual(len({row["text"] for row in rows}), len(rows))


if __name__ == "__main__":
    unittest.main()
