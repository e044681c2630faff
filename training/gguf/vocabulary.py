"""A tokenizer as llama.cpp reads it: byte-level BPE, the kind that the models written here have."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from magnet.state.errors import Option
from magnet.training.gguf.errors import GgufError

if TYPE_CHECKING:
    from gguf import GGUFWriter

_MODEL = "gpt2"
"""llama.cpp's name for byte-level BPE."""

# How text is cut before pairs are merged, with llama.cpp's name for it. The patterns of Llama 3 and
# Qwen 2 differ in how many digits stay together.
_WORDS = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|DIGITS| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)
_GPT2, _EACH_DIGIT = "gpt-2", "each digit"
_SPLITS: Mapping[tuple[str, ...], str] = {
    (_WORDS.replace("DIGITS", r"\p{N}{1,3}"),): "llama-bpe",
    (_WORDS.replace("DIGITS", r"\p{N}"),): "qwen2",
    (_GPT2,): "gpt-2",
    (_EACH_DIGIT, _GPT2): "smollm",
}


def check_vocabulary(folder: Path) -> str:
    """Check that llama.cpp can cut text as this tokenizer does; give its name for how.

    Args:
        folder: where `tokenizer.json` lies.

    Raises:
        GgufError: if it is no byte-level BPE, or cuts text in a way that has no name.
    """
    content = _read(folder)
    splits = tuple(_splits(content.get("pre_tokenizer") or {}))
    if content["model"]["type"] != "BPE" or splits not in _SPLITS:
        raise GgufError(
            f"{folder / 'tokenizer.json'}: a tokenizer that is not written as GGUF here; expected "
            f"byte-level BPE that cuts text like {', '.join(_SPLITS.values())}. llama.cpp's "
            "convert_hf_to_gguf.py knows more; {none} writes none",
            none=Option("gguf", "none"),
        )
    return _SPLITS[splits]


def add_vocabulary(writer: "GGUFWriter", folder: Path, size: int) -> None:
    """Add the tokenizer of a model's folder, with its chat template, to a GGUF file.

    Args:
        writer: of the file.
        folder: where `tokenizer.json` lies.
        size: rows of the model's embedding; those without a token are marked as unused.

    Raises:
        GgufError: as `check_vocabulary`.
    """
    from gguf import SpecialVocab

    writer.add_tokenizer_model(_MODEL)
    writer.add_tokenizer_pre(check_vocabulary(folder))
    tokens, types = zip(*_tokens(_read(folder), size), strict=True)
    writer.add_token_list(tokens)
    writer.add_token_types(types)
    special = SpecialVocab(folder, load_merges=True, n_vocab=size)
    # Without a word llama.cpp puts the begin token before any text that is cut like Llama 3's.
    special.add_special_token.setdefault("bos", False)
    special.add_to_gguf(writer, quiet=True)


def _tokens(content: Mapping[str, Any], size: int) -> Iterator[tuple[str, int]]:
    """Yield each token and llama.cpp's type of it, in the order of their ids."""
    from gguf import TokenType

    spelled: dict[int, str] = {index: token for token, index in content["model"]["vocab"].items()}
    added: dict[int, dict[str, Any]] = {entry["id"]: entry for entry in content["added_tokens"]}
    for index in range(size):
        if entry := added.get(index):
            kind = TokenType.CONTROL if entry["special"] else TokenType.USER_DEFINED
            yield entry["content"], kind
        elif index in spelled:
            yield spelled[index], TokenType.NORMAL
        else:
            yield f"[PAD{index}]", TokenType.UNUSED


def _splits(step: Mapping[str, Any]) -> Iterator[str]:
    """Yield what the steps of a pre-tokenizer cut at."""
    match step.get("type"):
        case "Sequence":
            for inner in step["pretokenizers"]:
                yield from _splits(inner)
        case "Split":
            yield step["pattern"].get("Regex", "")
        case "Digits" if step["individual_digits"]:
            yield _EACH_DIGIT
        case "ByteLevel":
            if step.get("use_regex", True):
                yield _GPT2
        case other:
            yield str(other)


def _read(folder: Path) -> dict[str, Any]:
    path = folder / "tokenizer.json"
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise GgufError(f"{path}: cannot be read ({error}); expected a fast tokenizer") from error
