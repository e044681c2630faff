"""The model that an adapter changes: a Hugging Face name or folder, or a GGUF file."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from magnet.state.errors import BadUseError

if TYPE_CHECKING:
    from transformers import PreTrainedConfig, PreTrainedModel, PreTrainedTokenizerBase


class BaseModelError(BadUseError):
    """A base that cannot be read, or not as it is needed: names it and the remedy."""


def gguf_of(base: str) -> Path | None:
    """Return the path of a base that is a GGUF file."""
    path = Path(base).expanduser()
    return path if path.suffix == ".gguf" else None


def read_config(base: str) -> "PreTrainedConfig":
    """Read what kind of model a base is.

    Raises:
        BaseModelError: if it cannot be read.
    """
    from transformers import AutoConfig

    return _read(AutoConfig, base)


def read_tokenizer(base: str) -> "PreTrainedTokenizerBase":
    """Read a base's tokenizer, with its chat template.

    Raises:
        BaseModelError: if it cannot be read.
    """
    from transformers import AutoTokenizer

    return _read(AutoTokenizer, base)


def load_unquantized(base: str) -> "PreTrainedModel":
    """Load a base on the CPU, to change its weights: in its own precision, a GGUF file in float16.

    Raises:
        BaseModelError: if it cannot be read, or its weights are stored in fewer bits.
    """
    import torch
    from transformers import AutoModelForCausalLM, GgufConfig

    if gguf_of(base) is not None:
        # Its 4 to 8 bits times a scale of 16 fit into float16 nearly as they are.
        unpacked = GgufConfig(dequantize=True)
        return _read(AutoModelForCausalLM, base, dtype=torch.float16, quantization_config=unpacked)
    stored: Any = getattr(read_config(base), "quantization_config", None)
    if stored:
        raise BaseModelError(
            f"{base}: its weights are stored quantized ({stored['quant_method']}); what an adapter "
            "adds would be rounded away in them. Set base_model_name_or_path in the adapter's "
            "adapter_config.json to the model that it was quantized from"
        )
    return _read(AutoModelForCausalLM, base, dtype="auto")


def _read(kind: Any, base: str, **options: Any) -> Any:
    """Call a transformers class's `from_pretrained`."""
    file = gguf_of(base)
    where, named = (str(file.parent), {"gguf_file": file.name}) if file else (base, {})
    try:
        return kind.from_pretrained(where, **named, **options)
    except (OSError, ValueError) as error:
        raise BaseModelError(
            f"{base}: cannot be read as a model: {str(error).splitlines()[0]}. Expected a folder, "
            "a GGUF file, or a name on Hugging Face; base_model_name_or_path in an adapter's "
            "adapter_config.json says where its base is"
        ) from error
