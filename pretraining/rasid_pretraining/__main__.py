"""`python -m rasid_pretraining STAGE`: normalise → tokenizer → initialise → train → average → export → check.

`restore` makes a run of an exported encoder, to train on from there; `prune` makes it smaller.
`reference` writes an untrained encoder of another shape, to measure speed against.
"""

import argparse
import sys
from dataclasses import replace
from pathlib import Path

from .corpus import CorpusError, normalise
from .settings import Recipe
from .sources import LEAVE_OUT


def main() -> int:
    parser = argparse.ArgumentParser(prog="rasid_pretraining", description=__doc__)
    parser.add_argument("stage", choices=["normalise", "tokenizer", "initialise", "restore", "train", "average", "prune", "export", "check", "reference"])
    parser.add_argument("--data", type=Path, default=Path("corpora"), help="folder with datasets/ and corpora/")
    parser.add_argument("--work", type=Path, default=Path("work"), help="checkpoints and everything between the stages")
    parser.add_argument("--out", type=Path, default=Path("../models/encoder"), help="where export writes the encoder")
    parser.add_argument("--encoder", type=Path, help="an exported encoder: tokenizer keeps its tokens, restore makes a run of its weights")
    parser.add_argument("--run", default="main", help="name of the training run inside the work folder")
    parser.add_argument("--from-run", help="begin from the last checkpoint of this run; prune: the run to make smaller")
    parser.add_argument("--runs", nargs="+", default=[], help="average: the runs whose weights are averaged into --run")
    parser.add_argument("--units", type=int, default=512, help="prune: units that each feed-forward layer keeps (default: 512)")
    parser.add_argument("--leave-out", nargs="+", default=[], choices=LEAVE_OUT, help="sentiment sets to keep out of training, to measure transfer to them")
    parser.add_argument("--stable-steps", type=int, help="length of the stable phase")
    parser.add_argument("--decay-steps", type=int, help="length of the decay phase")
    parser.add_argument("--refine-steps", type=int, help="length of the second decay, on short labelled texts (default: 0)")
    parser.add_argument("--threads", type=int, default=0, help="CPU threads (default: all)")
    a = parser.parse_args()
    if a.stage == "prune" and not a.from_run:
        parser.error("prune needs --from-run")
    if a.stage == "average" and len(a.runs) < 2:
        parser.error("average needs two --runs or more")
    recipe = Recipe()
    for name in ("stable", "decay", "refine"):
        phase, steps = getattr(recipe, name), getattr(a, f"{name}_steps")
        kept = tuple(s for s in phase.sentiment_sets if s not in a.leave_out)
        recipe = replace(recipe, **{name: replace(phase, steps=phase.steps if steps is None else steps, sentiment_sets=kept)})
    try:
        if a.stage == "normalise":
            normalise(a.data, a.work)
        elif a.stage == "tokenizer":
            from .tokenizer import encode_corpus, keep_tokenizer, train_tokenizer

            encode_corpus(a.work, keep_tokenizer(a.work, a.encoder) if a.encoder else train_tokenizer(a.work, recipe))
        elif a.stage == "initialise":
            from .initialise import initialise

            initialise(a.work, recipe)
        elif a.stage == "restore":
            from .restore import restore

            restore(a.work, recipe, a.encoder or a.out, a.run)
        elif a.stage == "train":
            from .train import train

            train(a.work, a.run, recipe, a.from_run, a.threads)
        elif a.stage == "average":
            from .average import average

            average(a.work, a.runs, a.run)
        elif a.stage == "prune":
            from .prune import prune

            prune(a.work, recipe, a.from_run, a.run, a.units)
        elif a.stage == "export":
            from .export import export

            export(a.work, a.run, a.out)
        elif a.stage == "reference":
            from .export import export_reference

            export_reference(a.work, recipe, a.out)
        else:
            from .check import check

            return check(a.data, a.work, a.run, a.out)
    except (CorpusError, FileNotFoundError, ValueError) as error:
        print(f"{a.stage}: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
