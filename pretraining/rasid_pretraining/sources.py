"""What each corpus is, and how its labels meet the supervised heads.

A supervised head is thrown away after training. Two kinds exist: one head per labelled set (its own classes),
and two shared heads, `coarse` (topics that several sets name alike) and `sentiment` (three classes).
"""

from dataclasses import dataclass, field
from pathlib import Path

COARSE = ("politics", "economy", "sports", "culture", "science-technology", "health", "religion", "conflict-crime", "lifestyle")
SENTIMENT = ("positive", "neutral", "negative")
OWN = Path(__file__).parent.parent
BILINGUAL, OPINIONS, POSTS = OWN / "bilingual", OWN / "opinions", OWN / "posts"

POST_TOPICS = {
    "politics": "politics", "crime-war-conflict": "conflict-crime", "business-and-economy": "economy", "sports": "sports",
    "art-and-entertainment": "culture", "science-and-technology": "science-technology", "health": "health", "spiritual": "religion",
}


@dataclass(frozen=True)
class Source:
    """One file of the corpora, or a folder of JSONL files. `kind` is document (pairs are two windows), short (one window)
    or parallel."""

    name: str
    path: str
    kind: str
    label: str | None = None
    coarse: dict[str, str] = field(default_factory=dict)
    sentiment: dict[str, str] = field(default_factory=dict)
    weight: float = 1.0


SOURCES = (
    Source("khaleej", "datasets/khaleej.jsonl.gz", "document", "topic",
           {"Culture": "culture", "Finance": "economy", "Medical": "health", "Politics": "politics",
            "Religion": "religion", "Sports": "sports", "Tech": "science-technology"}, weight=3.0),
    Source("ant", "datasets/ant.jsonl.gz", "document", "category",
           {"culture": "culture", "economy": "economy", "sport": "sports", "technology": "science-technology"}, weight=2.0),
    Source("hespress_jazeera", "datasets/hespress_jazeera.jsonl.gz", "document", "category",
           {"politics": "politics", "culture": "culture", "economy": "economy", "science": "science-technology"}, weight=0.7),
    Source("beauty_gaming", "datasets/beauty_gaming.jsonl.gz", "document", "topic", {"Beauty": "lifestyle"}, weight=0.3),
    Source("arwiki", "corpora/arwiki.jsonl.xz", "document", weight=3.0),
    Source("hindawi", "corpora/hindawi.jsonl.xz", "document", weight=2.0),
    # Weight 0: no longer trained on, since classifiers cannot be tuned on rows that the encoder knows; still part of the vocabulary.
    Source("asnd", "datasets/asnd.jsonl.gz", "short", "topic", POST_TOPICS, weight=0.0),
    Source("posts", str(POSTS), "short", "topics", POST_TOPICS, weight=2.0),
    Source("sib200", "datasets/sib200.jsonl.gz", "short", "topic",
           {"science/technology": "science-technology", "politics": "politics", "sports": "sports",
            "health": "health", "entertainment": "culture"}, weight=0.25),
    Source("marsa", "datasets/marsa.jsonl.gz", "short", "sentiment",
           sentiment={"pos": "positive", "neut": "neutral", "neg": "negative"}, weight=3.0),
    Source("newsmtsc", "corpora/newsmtsc_en.jsonl.xz", "short", "sentiment",
           sentiment={"positive": "positive", "neutral": "neutral", "negative": "negative"}, weight=1.5),
    Source("arsas", "datasets/arsas.jsonl.gz", "short", "sentiment",
           sentiment={"Positive": "positive", "Neutral": "neutral", "Negative": "negative"}, weight=2.0),
    Source("arsarcasm", "datasets/arsarcasm.jsonl.gz", "short", "sentiment",
           sentiment={"POS": "positive", "NEU": "neutral", "NEG": "negative"}, weight=1.5),
    Source("reviews", "datasets/reviews.jsonl.gz", "short", "polarity",
           sentiment={"positive": "positive", "mixed": "neutral", "negative": "negative"}, weight=1.5),
    Source("opinions", str(OPINIONS), "short", "sentiment", sentiment={x: x for x in SENTIMENT}, weight=4.0),
    Source("parallel", "corpora/parallel.jsonl.xz", "parallel", "topic"),
    Source("bilingual", str(BILINGUAL), "parallel", "topics",
           {"politics": "politics", "economy": "economy", "sports": "sports", "culture": "culture",
            "science-technology": "science-technology", "health": "health", "religion": "religion",
            "conflict": "conflict-crime", "crime-justice": "conflict-crime"},
           {x: x for x in SENTIMENT}),
)
LEAVE_OUT = ("arsas", "arsarcasm", "reviews")


def by_name(name: str) -> Source:
    return next(s for s in SOURCES if s.name == name)
