"""How much memory a fine-tuning takes, reckoned before anything is loaded."""

from dataclasses import dataclass

from magnet.training.qlora.shapes import Shapes

# Bits a parameter: 4, and a scale for each block of 64 (32 bits; quantized once more, 0.127).
# QLoRA, arXiv 2305.14314, section 3.
_NF4, _NF4_DOUBLE = 4.5, 4.127
# The adapter and its gradients are float32; AdamW keeps two moments of 4 bytes, or of 1.
_ADAPTER, _MOMENTS, _MOMENTS_8BIT = 8, 8, 2
# Values that a layer keeps of a token for its backward pass, in its outer and inner widths. Counted
# for the layers of Llama: norms, projections and their adapters' inputs before and after dropout;
# then raised by a third, to the peak that is measured on a CPU.
_KEPT_HIDDEN, _KEPT_INNER = 34, 12
# TRL computes the loss on tiles of so many tokens by so many of the vocabulary: on a GPU in place,
# elsewhere with as many copies in float32.
_TILE_TOKENS, _TILE_VOCABULARY, _TILE_COPIES = 4096, 32768, 5
# What the process and its libraries take.
_PROCESS = 600_000_000


@dataclass(frozen=True, slots=True)
class Load:
    """What is held and computed.

    Args:
        rank: of the adapter.
        bits: bits of a linear layer's parameter in the base.
        width: bytes of a value in the dtype of the computation.
        tokens: in the sequences that are computed at once.
        longest: tokens of one sequence.
        recompute: whether activations are computed again (gradient checkpointing).
        on_gpu: whether a GPU computes it.
        small_moments: whether the optimizer keeps its state in 8 bits.
    """

    rank: int
    bits: float
    width: int
    tokens: int
    longest: int
    recompute: bool
    on_gpu: bool
    small_moments: bool


@dataclass(frozen=True, slots=True)
class Memory:
    """Bytes at the peak, by what they are for."""

    base: int
    adapter: int
    activations: int

    @property
    def total(self) -> int:
        """All of it, the process included."""
        return self.base + self.adapter + self.activations + _PROCESS

    def __str__(self) -> str:
        parts = (
            ("base", self.base),
            ("adapter and optimizer", self.adapter),
            ("activations", self.activations),
        )
        said = ", ".join(f"{name} {size / 1e9:.1f}" for name, size in parts)
        return f"{self.total / 1e9:.1f} GB ({said})"


def bits_of(quantize: str, double_quant: bool, width: int) -> float:
    """Return the bits that a parameter of a linear layer takes."""
    if quantize == "none":
        return 8.0 * width
    return _NF4_DOUBLE if double_quant else _NF4


def estimate(shapes: Shapes, load: Load) -> Memory:
    """Reckon the peak of one rank."""
    adapter = shapes.adapter * load.rank
    moments = _MOMENTS_8BIT if load.small_moments else _MOMENTS
    layer = load.tokens * (_KEPT_HIDDEN * shapes.hidden + _KEPT_INNER * shapes.inner) * load.width
    if load.recompute:
        kept = shapes.layers * load.tokens * shapes.hidden * load.width + layer
    else:
        kept = shapes.layers * layer
    # A packed sequence has a mask of truth values, and one to add.
    mask = load.longest**2 * (1 + load.width)
    tile = min(load.tokens, _TILE_TOKENS) * min(shapes.vocabulary, _TILE_VOCABULARY)
    loss = tile * (load.width if load.on_gpu else 4 * _TILE_COPIES)
    return Memory(
        base=int(shapes.linear * load.bits / 8) + shapes.other * load.width,
        adapter=adapter * (_ADAPTER + moments),
        activations=kept + mask + loss,
    )
