"""Writing the weights of a GGUF file one by one, so that one at a time is in memory."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import prod
from pathlib import Path

import numpy as np
from gguf import GGMLQuantizationType, GGUFWriter
from gguf.quants import quant_shape_to_byte_shape, quantize
from torch import Tensor


@dataclass(frozen=True, slots=True)
class Weight:
    """A weight to be written."""

    name: str
    """In the GGUF file."""
    shape: tuple[int, ...]
    kind: GGMLQuantizationType
    load: Callable[[], Tensor]


def write_file(writer: GGUFWriter, weights: Sequence[Weight], path: Path) -> None:
    """Write a file of the writer's metadata and these weights; what breaks off leaves none."""
    for weight in weights:
        stored = quant_shape_to_byte_shape(weight.shape, weight.kind)
        writer.add_tensor_info(
            weight.name, stored, np.dtype(np.uint8), prod(stored), raw_dtype=weight.kind
        )
    part = path.with_name(f"{path.name}.part")
    try:
        writer.write_header_to_file(part)
        writer.write_kv_data_to_file()
        writer.write_ti_data_to_file()
        for weight in weights:
            values = weight.load().float().contiguous().numpy()
            writer.write_tensor_data(quantize(values, weight.kind))
        writer.close()
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
