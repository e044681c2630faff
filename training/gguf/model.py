"""A model's folder as one GGUF file."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any, Literal

import torch
from gguf import GGML_QUANT_VERSION, GGMLQuantizationType, GGUFType, GGUFWriter, LlamaFileType

from magnet.training.bases import read_config
from magnet.training.gguf.architectures import CONVERTER, NO_GGUF, ModelShape, shape_of
from magnet.training.gguf.errors import GgufError
from magnet.training.gguf.layout import TensorLayout, layout_of_shape
from magnet.training.gguf.stored import StoredTensor, stored_in
from magnet.training.gguf.vocabulary import add_vocabulary
from magnet.training.gguf.writing import Weight, write_file

Precision = Literal["f16", "q8_0"]

_FILE_TYPES = {"f16": LlamaFileType.MOSTLY_F16, "q8_0": LlamaFileType.MOSTLY_Q8_0}
_KINDS = {"f16": GGMLQuantizationType.F16, "q8_0": GGMLQuantizationType.Q8_0}
_BLOCK = 32
"""Weights of a row that share a scale in Q8_0."""


def export_model(folder: Path, path: Path, precision: Precision, *, name: str) -> None:
    """Write a model as GGUF: its matrices in this precision, norms and biases in 32 bits.

    Args:
        folder: `config.json`, safetensors and the tokenizer.
        path: the file; it is there only once it is whole.
        precision: f16, or q8_0: 8 bits and a scale for 32 weights.
        name: what the file calls the model.

    Raises:
        GgufError: if the architecture, its rotary scaling or the tokenizer is none of those known.
        BaseModelError: if the folder cannot be read.
    """
    config = read_config(str(folder))
    shape = shape_of(config.to_dict())
    writer = GGUFWriter(None, shape.architecture.name)
    _add_sizes(writer, shape, name)
    writer.add_file_type(_FILE_TYPES[precision])
    writer.add_quantization_version(GGML_QUANT_VERSION)
    add_vocabulary(writer, folder, shape.vocab_size)
    weights = list(_weights(folder, layout_of_shape(shape), _KINDS[precision]))
    factors = rope_factors(config, shape)
    if factors is not None:
        kept = GGMLQuantizationType.F32
        weights.append(Weight("rope_freqs.weight", tuple(factors.shape), kept, lambda: factors))
    write_file(writer, weights, path)


def rope_factors(config: Any, shape: ModelShape) -> torch.Tensor | None:
    """Return what each rotary frequency is divided by: (head size / 2,), or none if by nothing.

    Raises:
        GgufError: if llama.cpp cannot express the scaling by such factors.
    """
    kind, size = shape.rope_parameters.rope_type, shape.head_size
    if kind == "default":
        return None
    # The other scalings depend on the length of the text, or change more than frequencies.
    if kind not in ("llama3", "linear") or not shape.architecture.scales_rope:
        raise GgufError(
            f"config.json of the model: rope_type {kind} is not written as GGUF here for "
            f"{shape.model_type}. {CONVERTER}",
            none=NO_GGUF,
        )
    from transformers.modeling_rope_utils import ROPE_INIT_FUNCTIONS

    scaled, _ = ROPE_INIT_FUNCTIONS[kind](config, torch.device("cpu"))
    exponents = torch.arange(0, size, 2, dtype=torch.float32) / size
    return shape.rope_parameters.rope_theta**-exponents / scaled


def _add_sizes(writer: GGUFWriter, shape: ModelShape, name: str) -> None:
    writer.add_type(GGUFType.MODEL)
    writer.add_name(name)
    writer.add_vocab_size(shape.vocab_size)
    writer.add_context_length(shape.max_position_embeddings)
    writer.add_embedding_length(shape.hidden_size)
    writer.add_feed_forward_length(shape.intermediate_size)
    writer.add_block_count(shape.num_hidden_layers)
    writer.add_head_count(shape.num_attention_heads)
    writer.add_head_count_kv(shape.num_key_value_heads)
    writer.add_key_length(shape.head_size)
    writer.add_value_length(shape.head_size)
    writer.add_rope_dimension_count(shape.head_size)
    writer.add_rope_freq_base(shape.rope_parameters.rope_theta)
    writer.add_layer_norm_rms_eps(shape.rms_norm_eps)


def _weights(folder: Path, layout: TensorLayout, kind: GGMLQuantizationType) -> Iterator[Weight]:
    for file in sorted(folder.glob("*.safetensors")):
        for stored in stored_in(file):
            name, shape = layout.name(stored.name), stored.shape
            yield Weight(name, shape, _kept_as(shape, kind), partial(_load, stored, layout))


def _kept_as(shape: tuple[int, ...], kind: GGMLQuantizationType) -> GGMLQuantizationType:
    if len(shape) == 1:
        return GGMLQuantizationType.F32
    return kind if shape[-1] % _BLOCK == 0 else GGMLQuantizationType.F16


def _load(stored: StoredTensor, layout: TensorLayout) -> torch.Tensor:
    return layout.arrange(stored.name, stored.load())
