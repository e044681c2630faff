"""A LoRA adapter as a GGUF file, which llama.cpp adds to a base's GGUF when it loads it."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from gguf import GGMLQuantizationType, GGUFType, GGUFWriter
from gguf.constants import Keys
from torch import Tensor

from magnet.state.errors import Command, Option
from magnet.training.adapters import CONFIG_FILE, WEIGHTS_FILE, read_adapter
from magnet.training.gguf.errors import GgufError
from magnet.training.gguf.layout import TensorLayout
from magnet.training.gguf.stored import StoredTensor, stored_in
from magnet.training.gguf.writing import Weight, write_file

_MERGE = Command(("train", "merge"), (Option("gguf", "q8_0"),))
_PREFIX = "base_model.model."
_A, _B = ".lora_A.weight", ".lora_B.weight"
_PARTS = {_A: ".lora_a", _B: ".lora_b"}


def export_adapter(folder: Path, path: Path, layout: TensorLayout) -> None:
    """Write an adapter as GGUF, in 32 bits: it is small, and its numbers are smaller still.

    Args:
        folder: as peft saves it.
        path: the file.
        layout: of the base that the adapter changes.

    Raises:
        AdapterError: if the folder holds no adapter.
        GgufError: if the adapter is more than pairs of matrices, which is all that GGUF holds.
    """
    config = read_adapter(folder)
    if beyond := config.beyond_lora:
        raise GgufError(
            f"{folder / CONFIG_FILE}: a GGUF adapter cannot hold what {', '.join(beyond)} says. "
            "Merge the adapter and export the merged model: {merge}",
            merge=_MERGE,
        )
    writer = GGUFWriter(None, layout.architecture.name)
    writer.add_type(GGUFType.ADAPTER)
    writer.add_name(folder.name)
    writer.add_string(Keys.Adapter.TYPE, "lora")
    writer.add_float32(Keys.Adapter.LORA_ALPHA, config.alpha)
    write_file(writer, list(_weights(folder, layout)), path)


def _weights(folder: Path, layout: TensorLayout) -> Iterator[Weight]:
    for stored in stored_in(folder / WEIGHTS_FILE):
        part = next((part for part in _PARTS if stored.name.endswith(part)), None)
        if part is None:
            raise GgufError(
                f"{folder / WEIGHTS_FILE}: {stored.name} is no part of a LoRA pair of a linear "
                "layer; merge the adapter and export the merged model: {merge}",
                merge=_MERGE,
            )
        base = f"{stored.name.removeprefix(_PREFIX).removesuffix(part)}.weight"
        name = layout.name(base) + _PARTS[part]
        load = partial(_load, stored, base if part == _B else None, layout)
        yield Weight(name, stored.shape, GGMLQuantizationType.F32, load)


def _load(stored: StoredTensor, base: str | None, layout: TensorLayout) -> Tensor:
    # The rows of B are those of the base's weight, in its order; those of A are ranks.
    return layout.arrange(base, stored.load()) if base else stored.load()
