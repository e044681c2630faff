"""The kinds of models that are written as GGUF, and what llama.cpp expects of each."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, PositiveInt, ValidationError

from magnet.state.errors import Option
from magnet.training.gguf.errors import GgufError

CONVERTER = "llama.cpp's convert_hf_to_gguf.py knows more kinds; {none} writes none"
"""The remedy of an error; `none` stands for `NO_GGUF`."""
NO_GGUF = Option("gguf", "none")


@dataclass(frozen=True, slots=True, kw_only=True)
class Architecture:
    """What llama.cpp calls a kind of model, and how it rotates queries and keys."""

    name: str
    rotates_neighbours: bool
    """Whether a head's dimensions 2i and 2i + 1 turn together; Hugging Face's are i and i + d/2."""
    scales_rope: bool
    """Whether it reads a factor for each rotary frequency."""


_LLAMA = Architecture(name="llama", rotates_neighbours=True, scales_rope=True)

ARCHITECTURES: Mapping[str, Architecture] = {
    "llama": _LLAMA,
    "mistral": _LLAMA,
    "qwen2": Architecture(name="qwen2", rotates_neighbours=False, scales_rope=False),
    "qwen3": Architecture(name="qwen3", rotates_neighbours=False, scales_rope=False),
}
"""By Hugging Face's `model_type`."""


class Rope(BaseModel):
    """How positions turn queries and keys."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    rope_type: str = "default"
    rope_theta: float


class ModelShape(BaseModel):
    """The sizes of a model, by the names of its `config.json`."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    model_type: str
    vocab_size: PositiveInt
    max_position_embeddings: PositiveInt
    hidden_size: PositiveInt
    intermediate_size: PositiveInt
    num_hidden_layers: PositiveInt
    num_attention_heads: PositiveInt
    num_key_value_heads: PositiveInt
    head_dim: PositiveInt | None = None
    rms_norm_eps: float
    rope_parameters: Rope
    sliding_window: int | None = None

    @property
    def architecture(self) -> Architecture:
        """What llama.cpp calls it."""
        return ARCHITECTURES[self.model_type]

    @property
    def head_size(self) -> int:
        """Dimensions of one attention head."""
        return self.head_dim or self.hidden_size // self.num_attention_heads


def shape_of(config: Mapping[str, Any]) -> ModelShape:
    """Read a model's sizes from its configuration.

    Raises:
        GgufError: if it is of another kind, or does what llama.cpp's kind does not.
    """
    kind = config.get("model_type")
    if kind not in ARCHITECTURES:
        raise GgufError(
            f"models of type {kind} are not written as GGUF here, only "
            f"{', '.join(ARCHITECTURES)}. {CONVERTER}",
            none=NO_GGUF,
        )
    try:
        shape = ModelShape.model_validate(config)
    except ValidationError as error:
        fields = ", ".join(".".join(map(str, problem["loc"])) for problem in error.errors())
        raise GgufError(f"config.json of the model: {fields} missing or of a wrong type") from error
    window = shape.sliding_window
    if window is not None and window < shape.max_position_embeddings:
        raise GgufError(
            f"config.json of the model: sliding_window is {window}, and llama.cpp would attend to "
            f"everything. {CONVERTER}",
            none=NO_GGUF,
        )
    return shape
