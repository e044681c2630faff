"""The base model in 4 bits, ready for an adapter."""

import shutil
from pathlib import Path
from typing import Any

from magnet.training.bases import BaseModelError, gguf_of, load_unquantized, read_tokenizer
from magnet.training.qlora.repacking import keep_weights_as_they_are
from magnet.training.qlora.settings import QloraSettings


def load_tokenizer(base: str) -> Any:
    """Load a base's tokenizer.

    Raises:
        BaseModelError: if there is none, or it is not one that conversations can be trained with.
    """
    tokenizer: Any = read_tokenizer(base)
    if not tokenizer.chat_template:
        raise BaseModelError(
            f"{base}: its tokenizer has no chat template. Take an instruction-tuned base"
        )
    if not tokenizer.is_fast:
        raise BaseModelError(
            f"{base}: its tokenizer does not say where its tokens stand in the text. Take a base "
            "with a tokenizer.json"
        )
    return tokenizer


def loadable_base(base: str, out: Path) -> str:
    """Return what a base can be loaded from in 4 bits: of a GGUF file, its unpacked folder."""
    file = gguf_of(base)
    return str(out / "base" / file.stem) if file else base


def unpack_base(base: str, out: Path) -> None:
    """Unpack a base that is a GGUF file, once: what is read from one cannot be quantized again.

    Raises:
        BaseModelError: if it cannot be read.
    """
    unpacked = Path(loadable_base(base, out))
    if gguf_of(base) is None or unpacked.exists():
        return
    partial = unpacked.with_name("partial")
    shutil.rmtree(partial, ignore_errors=True)
    load_unquantized(base).save_pretrained(partial)
    # Whole or not at all: a run that is killed here begins with it again.
    partial.rename(unpacked)


def load_model(path: str, settings: QloraSettings, dtype: Any, device: str) -> Any:
    """Load a base to a device: its linear layers in 4 bits, the rest in the dtype.

    Args:
        path: what `loadable_base` gave.
        settings: `quantize` and `double_quant` decide how the linear layers are held.
        dtype: torch's; that of the computation, and of what is not quantized.
        device: torch's name of it.

    Raises:
        BaseModelError: if it cannot be loaded.
    """
    from transformers import AutoModelForCausalLM, BitsAndBytesConfig

    quantization = BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type=settings.quantize,
        bnb_4bit_use_double_quant=settings.double_quant,
        bnb_4bit_compute_dtype=dtype,
    )
    try:
        model: Any = AutoModelForCausalLM.from_pretrained(
            path,
            dtype=dtype,
            device_map={"": device},
            quantization_config=None if settings.quantize == "none" else quantization,
        )
    except (OSError, ValueError) as error:
        raise BaseModelError(
            f"{path}: cannot be loaded: {str(error).splitlines()[0]}. Expected the unquantized "
            "weights of a causal model"
        ) from error
    keep_weights_as_they_are(model)
    return model
