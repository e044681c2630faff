"""What a weight is called in a GGUF file, and in which order its rows lie there."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from magnet.training.gguf.architectures import (
    ARCHITECTURES,
    CONVERTER,
    NO_GGUF,
    Architecture,
    ModelShape,
)
from magnet.training.gguf.errors import GgufError

if TYPE_CHECKING:
    from gguf import GGUFReader, TensorNameMap
    from torch import Tensor

_SUFFIXES = (".weight", ".bias")


@dataclass(frozen=True, slots=True)
class TensorLayout:
    """How the weights of one model lie in a GGUF file."""

    architecture: Architecture
    layers: int
    heads: int
    kv_heads: int

    def name(self, name: str) -> str:
        """Translate a weight's name, such as `model.layers.0.self_attn.q_proj.weight`.

        Raises:
            GgufError: if the architecture has no such weight.
        """
        found = _names(self.architecture.name, self.layers).get_name(name, try_suffixes=_SUFFIXES)
        if found is None:
            raise GgufError(
                f"llama.cpp's {self.architecture.name} has no place for the weight {name}. "
                f"{CONVERTER}",
                none=NO_GGUF,
            )
        return found

    def arrange(self, name: str, weight: "Tensor") -> "Tensor":
        """Order the rows of a weight as llama.cpp does.

        Args:
            name: Hugging Face's name of it.
            weight: (rows, ...): a matrix, a bias, or the B of a LoRA pair.
        """
        rotated = {"q_proj": self.heads, "k_proj": self.kv_heads}
        heads = rotated.get(name.split(".")[-2])
        if heads is None or not self.architecture.rotates_neighbours:
            return weight
        return interleave_halves(weight, heads)


def interleave_halves(weight: "Tensor", heads: int) -> "Tensor":
    """Put what rotary embedding turns together side by side, in each head.

    Row i of the first half of a head and row i of its second half become rows 2i and 2i + 1.

    Args:
        weight: (heads * head size, ...).
        heads: how many heads the rows hold.
    """
    halves = weight.reshape(heads, 2, -1, *weight.shape[1:])
    return halves.transpose(1, 2).reshape(weight.shape)


def layout_of_shape(shape: ModelShape) -> TensorLayout:
    """Return the layout of a model whose sizes are known."""
    return TensorLayout(
        shape.architecture,
        shape.num_hidden_layers,
        shape.num_attention_heads,
        shape.num_key_value_heads,
    )


def layout_of_gguf(path: Path) -> TensorLayout:
    """Read the layout of a GGUF file, to which an adapter is to be added.

    Raises:
        GgufError: if its architecture is none of those written here.
    """
    from gguf import GGUFReader

    reader = GGUFReader(path)
    name = str(_value(reader, "general.architecture"))
    known = {architecture.name: architecture for architecture in ARCHITECTURES.values()}
    if name not in known:
        raise GgufError(
            f"{path}: adapters for models of type {name} are not written here, only for "
            f"{', '.join(known)}. llama.cpp's convert_lora_to_gguf.py knows more kinds"
        )
    heads = int(_value(reader, f"{name}.attention.head_count"))
    return TensorLayout(
        known[name],
        int(_value(reader, f"{name}.block_count")),
        heads,
        int(_value(reader, f"{name}.attention.head_count_kv")),
    )


@cache
def _names(architecture: str, layers: int) -> "TensorNameMap":
    from gguf import MODEL_ARCH, MODEL_ARCH_NAMES, get_tensor_name_map

    kinds: dict[str, MODEL_ARCH] = {name: kind for kind, name in MODEL_ARCH_NAMES.items()}
    return get_tensor_name_map(kinds[architecture], layers)


def _value(reader: "GGUFReader", key: str) -> str | int:
    field = reader.get_field(key)
    if field is None:
        raise GgufError(f"the GGUF file does not say {key}: expected one of llama.cpp's")
    return field.contents()
