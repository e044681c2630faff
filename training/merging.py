"""Merging an adapter into its base: a model of its own, which any server loads."""

import shutil
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from magnet.state.errors import BadUseError, Extra, Option
from magnet.training.adapters import AdapterError, find_adapter, read_adapter
from magnet.training.bases import load_unquantized, read_config, read_tokenizer
from magnet.training.model_card import write_model_card

if TYPE_CHECKING:
    from transformers import PreTrainedModel

CARD = "README.md"
_PACKAGES = ("torch", "transformers", "accelerate", "peft", "gguf")


class MergeError(BadUseError):
    """An adapter that cannot be merged here: says why, and the remedy."""


@dataclass(frozen=True, slots=True)
class Merged:
    """What a merge wrote."""

    folder: Path
    """config.json, safetensors, tokenizer and card."""
    gguf: Path | None
    adapter_gguf: Path | None


def merge_adapter(
    adapter: Path,
    out: Path,
    *,
    gguf: Literal["f16", "q8_0"] | None = None,
    adapter_gguf: bool = False,
    say: Callable[[str], None] = lambda _: None,
) -> Merged:
    """Merge an adapter into its base and write the model, with a card.

    Args:
        adapter: folder of the adapter, as peft saves it, or of the fine-tuning that made it.
        out: a new folder; one that is there is whole, since what breaks off leaves none.
        gguf: also write the merged model as GGUF, in this precision.
        adapter_gguf: also write the adapter alone as GGUF.
        say: told what is being done.

    Raises:
        AdapterError: if the folder holds no adapter, or it does not fit its base.
        BaseModelError: if the base cannot be read, or is stored quantized.
        GgufError: if the model, or the adapter, cannot be written as GGUF.
        MergeError: if `out` is there already, or packages are missing.
    """
    _check_packages()
    adapter = find_adapter(adapter)
    base = read_adapter(adapter).base_model_name_or_path
    model_file = f"{out.name}-{gguf}.gguf" if gguf else None
    adapter_file = f"{out.name}-adapter.gguf" if adapter_gguf else None
    with _new_folder(out) as folder:
        (folder / CARD).write_text(write_model_card(out.name, adapter), encoding="utf-8")
        keeps_tokenizer = (adapter / "tokenizer_config.json").is_file()
        read_tokenizer(str(adapter) if keeps_tokenizer else base).save_pretrained(folder)
        if adapter_file:
            say(f"Writing {adapter_file}")
            _export_adapter(adapter, folder / adapter_file)
        if gguf:
            _check_exportable(base, folder)
        say(f"Merging {adapter} into {base}")
        load_merged(adapter).save_pretrained(folder)
        if gguf and model_file:
            say(f"Writing {model_file}")
            from magnet.training.gguf.model import export_model

            export_model(folder, folder / model_file, gguf, name=out.name)
    return Merged(
        out,
        out / model_file if model_file else None,
        out / adapter_file if adapter_file else None,
    )


def load_merged(adapter: Path) -> "PreTrainedModel":
    """Load an adapter's base, unquantized and on the CPU, with the adapter merged into it.

    Raises:
        AdapterError: if the folder holds no adapter, or it does not fit its base.
        BaseModelError: if the base cannot be read, or is stored quantized.
    """
    from peft import PeftModel

    adapter = find_adapter(adapter)
    name = read_adapter(adapter).base_model_name_or_path
    base = load_unquantized(name)
    try:
        # Safe: a weight that is no number any more is an error, not a model.
        return PeftModel.from_pretrained(base, adapter).merge_and_unload(safe_merge=True)
    except (ValueError, RuntimeError) as error:
        raise AdapterError(
            f"{adapter}: cannot be merged into {name}: {error}. Check that it was made for this "
            "base, and that its training did not diverge"
        ) from error


def _check_packages() -> None:
    missing = [name for name in _PACKAGES if find_spec(name) is None]
    if missing:
        raise MergeError(f"merging needs {', '.join(missing)}: {{extra}}", extra=Extra("train"))


def _check_exportable(base: str, folder: Path) -> None:
    """Find out before the base is loaded, which takes minutes."""
    from magnet.training.gguf.architectures import shape_of
    from magnet.training.gguf.vocabulary import check_vocabulary

    shape_of(read_config(base).to_dict())
    check_vocabulary(folder)


def _export_adapter(adapter: Path, path: Path) -> None:
    from magnet.training.gguf.adapter import export_adapter
    from magnet.training.gguf.architectures import shape_of
    from magnet.training.gguf.layout import layout_of_shape

    config = read_config(read_adapter(adapter).base_model_name_or_path)
    export_adapter(adapter, path, layout_of_shape(shape_of(config.to_dict())))


@contextmanager
def _new_folder(out: Path) -> Generator[Path]:
    """Return a folder beside `out` that becomes `out` at the end of the block."""
    if out.exists():
        raise MergeError(
            f"{out}: is there already. Name a new folder: {{out}}", out=Option("out", "FOLDER")
        )
    part = out.with_name(f"{out.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    try:
        yield part
        part.replace(out)
    finally:
        shutil.rmtree(part, ignore_errors=True)
