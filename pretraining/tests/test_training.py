"""The contrastive loss, code-switching, the ONNX graph, restoring an exported encoder and pruning: `python -m unittest discover tests`."""

import math
import tempfile
import unittest
from pathlib import Path

import numpy as np
import onnxruntime
import torch

from rasid_pretraining.batches import padded_groups
from rasid_pretraining.export import write_encoder
from rasid_pretraining.graph import build
from rasid_pretraining.lexicon import Lexicon, read_glossaries
from rasid_pretraining.model import Bert
from rasid_pretraining.prune import remove_units
from rasid_pretraining.restore import exported_weights
from rasid_pretraining.settings import Architecture, Phase, Recipe
from rasid_pretraining.tokenizer import CLS, PAD, SEP
from rasid_pretraining.train import Objectives

SMALL = Architecture(vocab_size=40, hidden_size=24, num_hidden_layers=2, num_attention_heads=2, intermediate_size=48, max_position_embeddings=16)


class ContrastiveLoss(unittest.TestCase):
    def test_an_offset_between_languages_costs(self) -> None:
        """Two pairs of orthogonal texts; in the second case each language leans towards an axis of its own."""
        net = Objectives(Recipe(architecture=SMALL), {})
        texts = torch.eye(4)[:2]
        lean = lambda axis: torch.nn.functional.normalize(texts + 2 * torch.eye(4)[axis], dim=-1)  # noqa: E731
        aligned, apart = net.nt_xent(texts, texts), net.nt_xent(lean(2), lean(3))
        # One positive at similarity 1, two negatives at 0, temperature 0.05.
        self.assertAlmostEqual(float(aligned), math.log(1 + 2 * math.exp(-1 / net.temperature)), places=5)
        # Same-language texts are now at 4 / 5, translations at 1 / 5.
        logits = [1 / 5, 4 / 5, 0]
        expected = math.log(sum(math.exp((x - logits[0]) / net.temperature) for x in logits))
        self.assertAlmostEqual(float(apart), expected, places=4)


class Schedule(unittest.TestCase):
    def test_each_step_belongs_to_one_phase(self) -> None:
        recipe = Recipe(stable=Phase(steps=2), decay=Phase(steps=0), refine=Phase(steps=3))
        self.assertEqual(recipe.steps, 5)
        self.assertEqual([recipe.phase_at(step) for step in range(5)], [(0, 0), (0, 1), (2, 0), (2, 1), (2, 2)])
        with self.assertRaises(ValueError):
            recipe.phase_at(5)


class Padding(unittest.TestCase):
    def test_texts_of_like_length_share_a_window_and_long_ones_are_cut(self) -> None:
        rows = [np.full(n, 9) for n in (3, 30, 1, 2)]
        groups = padded_groups(rows, 2, 12)
        self.assertEqual([group for group, _ in groups], [[2, 3], [0, 1]])
        self.assertEqual([tuple(ids.shape) for _, ids in groups], [(2, 4), (2, 12)])
        self.assertEqual(groups[0][1].tolist(), [[CLS, 9, SEP, PAD], [CLS, 9, 9, SEP]])


class CodeSwitching(unittest.TestCase):
    def lexicon(self) -> Lexicon:
        lexicon = Lexicon.__new__(Lexicon)
        lexicon.table, lexicon.continues, lexicon.starts = {}, np.zeros(100, dtype=bool), np.zeros(100, dtype=bool)
        lexicon.continues[20:30] = True
        for word, translation in (([1], [50]), ([1, 21], [60, 61]), ([2], [70])):
            lexicon._add(np.array(word), np.array(translation))
            lexicon.starts[word[0]] = True
        return lexicon

    def switch(self, row: list[int]) -> list[int]:
        return self.lexicon().switch(np.random.default_rng(0), np.array(row), 1.0).tolist()

    def test_the_longest_word_is_translated(self) -> None:
        self.assertEqual(self.switch([1, 21, 9]), [60, 61, 9])

    def test_a_part_of_a_word_is_not(self) -> None:
        self.assertEqual(self.switch([1, 22, 2]), [1, 22, 70])

    def test_glossaries_hold_pairs(self) -> None:
        pairs = list(read_glossaries())
        self.assertGreater(len(pairs), 5_000)


class Graph(unittest.TestCase):
    def test_a_padded_batch_means_the_same_to_onnxruntime_and_to_pytorch(self) -> None:
        torch.manual_seed(1)
        net = Bert(SMALL).eval()
        for name, parameter in net.named_parameters():
            if "LayerNorm" in name:
                torch.nn.init.normal_(parameter)
        graph = build({k: v.numpy() for k, v in net.state_dict().items()}, SMALL)
        ids = torch.tensor([[2, 7, 8, 9, 3, 0, 0], [2, 30, 31, 32, 33, 34, 3]])
        mask = (ids != 0).long()
        feed = {"input_ids": ids.numpy(), "attention_mask": mask.numpy(), "token_type_ids": np.zeros_like(mask.numpy())}
        hidden = onnxruntime.InferenceSession(graph.SerializeToString()).run(None, feed)[0]
        with torch.no_grad():
            expected = net(ids, ids != 0).numpy()
        real = mask.bool().numpy()
        np.testing.assert_allclose(hidden[real], expected[real], atol=1e-4)


class Restoring(unittest.TestCase):
    def test_weights_come_back_within_the_rounding_of_int8(self) -> None:
        torch.manual_seed(1)
        weights = {k: v.numpy() for k, v in Bert(SMALL).state_dict().items()}
        with tempfile.TemporaryDirectory() as folder:
            tokenizer = Path(folder) / "tokens.json"
            tokenizer.write_text("{}")
            write_encoder(weights, SMALL, tokenizer, Path(folder) / "out")
            restored = exported_weights(Path(folder) / "out" / "onnx" / "model_quantized.onnx", SMALL)
        self.assertEqual(restored.keys(), weights.keys())
        for name, w in weights.items():
            self.assertLessEqual(np.abs(restored[name].numpy() - w).max(), np.abs(w).max() / 100 + 1e-6, name)


class Pruning(unittest.TestCase):
    def hidden(self) -> np.ndarray:
        """2,000 rows of five units and the constant: 3 is the sum of 0 and 1, and 4 never changes."""
        free = np.abs(np.random.default_rng(1).normal(size=(2_000, 3)))
        return np.column_stack([free, free[:, 0] + free[:, 1], np.full(2_000, 0.7), np.ones(2_000)])

    def prune(self, keep: int) -> tuple[np.ndarray, float]:
        hidden, weight = self.hidden(), np.random.default_rng(2).normal(size=(6, 4))
        kept, remaining = remove_units(hidden.T @ hidden / len(hidden), weight, keep)
        output = hidden[:, np.append(kept, 5)] @ remaining
        return kept, float(np.abs(output - hidden @ weight).max())

    def test_units_that_others_can_replace_go_at_no_loss(self) -> None:
        kept, error = self.prune(3)
        self.assertNotIn(4, kept)
        self.assertLess(error, 0.02)

    def test_what_nothing_replaces_is_lost(self) -> None:
        _, error = self.prune(2)
        self.assertGreater(error, 0.3)


if __name__ == "__main__":
    unittest.main()
