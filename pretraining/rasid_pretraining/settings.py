"""Every number of the recipe, in one place. A checkpoint stores them, and refuses to resume under others."""

from dataclasses import asdict, dataclass, field

LAYER_NORM_EPSILON = 1e-12
SENTIMENT_SETS = ("opinions", "marsa", "newsmtsc", "arsas", "arsarcasm", "reviews")
ACTIVATION = "relu"  # That of the speed reference is GELU, as in multilingual-e5-small.


@dataclass(frozen=True)
class Architecture:
    """Names are those of Hugging Face's `BertConfig`."""

    vocab_size: int = 26_000
    hidden_size: int = 384
    num_hidden_layers: int = 4
    num_attention_heads: int = 6
    intermediate_size: int = 768  # Until the stage `prune`.
    max_position_embeddings: int = 512
    dropout: float = 0.0


@dataclass(frozen=True)
class Phase:
    """One stretch of training. Sizes are texts (or pairs) per step; lengths are tokens."""

    steps: int
    pairs: int = 160
    pair_length: int = 64
    mask_rate: float = 0.2
    parallel: int = 64
    parallel_length: int = 40
    shorts: int = 96
    short_length: int = 48
    mlm_weight: float = 1.0
    contrastive_weight: float = 1.0
    supervised_weight: float = 0.5
    code_switch_rate: float = 0.1
    # Short labelled texts are seen many times: without dropout the encoder learns them by heart, and vectors of its own
    # training rows look more certain than those of new texts. Tokens of short texts, components of pooled vectors.
    token_dropout: float = 0.0
    vector_dropout: float = 0.0
    learning_rate: float = 8e-4
    warmup_steps: int = 200
    decay: bool = False
    sentiment_sets: tuple[str, ...] = ("opinions", "marsa", "newsmtsc")


@dataclass(frozen=True)
class Recipe:
    """A stable phase at a constant rate, then a decay phase to zero (warm-up, stable, decay); `refine` is a second decay, most of it on short labelled texts."""

    seed: int = 20_260
    architecture: Architecture = field(default_factory=Architecture)
    temperature: float = 0.05
    weight_decay: float = 0.01
    gradient_clip: float = 1.0
    checkpoint_every: int = 100
    log_every: int = 50
    stable: Phase = field(default_factory=lambda: Phase(steps=3_000))
    decay: Phase = field(
        default_factory=lambda: Phase(
            steps=1_000,
            pairs=96,
            pair_length=128,
            mask_rate=0.0,
            parallel=80,
            parallel_length=64,
            shorts=224,
            mlm_weight=0.0,
            supervised_weight=1.0,
            code_switch_rate=0.4,
            token_dropout=0.1,
            vector_dropout=0.1,
            learning_rate=6e-4,
            warmup_steps=50,
            decay=True,
            sentiment_sets=SENTIMENT_SETS,
        )
    )
    refine: Phase = field(
        default_factory=lambda: Phase(
            steps=0,
            pairs=16,
            pair_length=96,
            mask_rate=0.0,
            parallel=24,
            parallel_length=48,
            shorts=256,
            short_length=96,
            mlm_weight=0.0,
            supervised_weight=1.0,
            code_switch_rate=0.2,
            token_dropout=0.1,
            vector_dropout=0.1,
            learning_rate=4e-4,
            warmup_steps=50,
            decay=True,
            sentiment_sets=SENTIMENT_SETS,
        )
    )

    @property
    def phases(self) -> tuple[Phase, ...]:
        return self.stable, self.decay, self.refine

    @property
    def steps(self) -> int:
        return sum(phase.steps for phase in self.phases)

    def phase_at(self, step: int) -> tuple[int, int]:
        """The number of the phase that a step belongs to, and the step's number within it."""
        for number, phase in enumerate(self.phases):
            if step < phase.steps:
                return number, step
            step -= phase.steps
        raise ValueError("the step lies behind the last phase")

    def as_dict(self) -> dict:
        return asdict(self)
