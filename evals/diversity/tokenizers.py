"""Tokenizers by SPEC: words, tiktoken's encodings, Hugging Face's, Llama 3's."""

from base64 import b64decode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from magnet.evals.diversity.errors import TokenizerError
from magnet.state.errors import Extra
from magnet.state.text import words

WORDS_VOCABULARY = 128_000
"""V of EAD for words, which have no vocabulary of their own: that of the paper's tokenizer, as Liu
et al. advise to take one V, the largest of the compared models', for everything compared."""

# The pattern and the special token are those of Meta's own tokenizer for Llama 3.
_LLAMA3_PATTERN = "|".join(
    (
        r"(?i:'s|'t|'re|'ve|'m|'ll|'d)",
        r"[^\r\n\p{L}\p{N}]?\p{L}+",
        r"\p{N}{1,3}",
        r" ?[^\s\p{L}\p{N}]+[\r\n]*",
        r"\s*[\r\n]+",
        r"\s+(?!\S)",
        r"\s+",
    )
)
_LLAMA3_BEGIN = "<|begin_of_text|>"


@dataclass(frozen=True, slots=True)
class Tokenizer:
    """Turns a text into token ids."""

    name: str
    """The SPEC that it was opened by."""
    vocabulary_size: int
    """V of EAD: tokens without those that only mark (begin of text and the like), if known."""
    encode: Callable[[str], Sequence[int]]
    """Gives the ids of a text, with those marks that the tokenizer adds by itself."""


def open_tokenizer(spec: str) -> Tokenizer:
    """Open a tokenizer.

    Args:
        spec: `words`, `tiktoken:ENCODING`, `hf:NAME_OR_PATH` (any with a tokenizer.json), or
            `llama3:PATH` with the tokenizer.model that Meta publishes.

    Raises:
        TokenizerError: if there is no such tokenizer, or it cannot be read.
    """
    scheme, _, rest = spec.partition(":")
    if spec == "words":
        return word_tokenizer()
    if not rest or scheme not in _OPENERS:
        known = ", ".join(["words", *(f"{name}:..." for name in _OPENERS)])
        raise TokenizerError(f"tokenizer {spec!r}: expected one of {known}")
    return _OPENERS[scheme](rest)


def word_tokenizer() -> Tokenizer:
    """Return a tokenizer whose tokens are lower-cased words, numbered as they come."""
    ids: dict[str, int] = {}

    def encode(text: str) -> list[int]:
        return [ids.setdefault(word, len(ids)) for word in words(text)]

    return Tokenizer("words", WORDS_VOCABULARY, encode)


def llama3_tokenizer(model: bytes, name: str = "llama3") -> Tokenizer:
    """Return Llama 3's tokenizer, which puts its begin-of-text token before every text.

    Args:
        model: content of tokenizer.model: a line a token, its bytes in base 64 and its rank.
        name: the SPEC.

    Raises:
        TokenizerError: if that is not what `model` holds.
    """
    import tiktoken

    try:
        ranks = {
            b64decode(token): int(rank) for token, rank in map(bytes.split, model.splitlines())
        }
    except ValueError as error:
        raise TokenizerError(
            f"tokenizer {name}: expected a line a token, its bytes in base 64 and its rank: {error}"
        ) from error
    begin = len(ranks)
    encoding = tiktoken.Encoding(
        name,
        pat_str=_LLAMA3_PATTERN,
        mergeable_ranks=ranks,
        special_tokens={_LLAMA3_BEGIN: begin},
    )
    return Tokenizer(name, len(ranks), lambda text: [begin, *encoding.encode_ordinary(text)])


def _llama3_file(path: str) -> Tokenizer:
    spec = f"llama3:{path}"
    try:
        return llama3_tokenizer(Path(path).expanduser().read_bytes(), spec)
    except OSError as error:
        raise TokenizerError(f"tokenizer {spec}: cannot be read: {error.strerror}") from error


def _tiktoken(name: str) -> Tokenizer:
    import tiktoken

    spec = f"tiktoken:{name}"
    known = tiktoken.list_encoding_names()
    if name not in known:
        raise TokenizerError(f"tokenizer {spec}: expected one of {', '.join(known)}")
    try:
        encoding = tiktoken.get_encoding(name)
    except (OSError, ValueError) as error:
        raise TokenizerError(
            f"tokenizer {spec}: its file could not be fetched ({error}). Fetch it where there is a "
            "network, and name its folder in the environment variable TIKTOKEN_CACHE_DIR"
        ) from error
    return Tokenizer(spec, encoding.n_vocab, encoding.encode_ordinary)


def _hugging_face(name: str) -> Tokenizer:
    spec = f"hf:{name}"
    try:
        import tokenizers
    except ImportError as error:
        raise TokenizerError(
            f"tokenizer {spec}: needs tokenizers; {{eval}}", eval=Extra("eval")
        ) from error
    path = Path(name).expanduser()
    file = path / "tokenizer.json" if path.is_dir() else path
    try:
        if file.is_file():
            loaded = tokenizers.Tokenizer.from_file(str(file))
        else:
            loaded = tokenizers.Tokenizer.from_pretrained(name)
    except Exception as error:  # the library raises Exception itself
        raise TokenizerError(
            f"tokenizer {spec}: expected a tokenizer.json, its folder, or the name of a model on "
            f"Hugging Face that has one ({error})"
        ) from error
    # A file may ask for the length of the model's input; a session is longer.
    loaded.no_truncation()
    loaded.no_padding()
    size = loaded.get_vocab_size(with_added_tokens=False)
    return Tokenizer(spec, size, lambda text: loaded.encode(text).ids)


_OPENERS: Mapping[str, Callable[[str], Tokenizer]] = {
    "tiktoken": _tiktoken,
    "hf": _hugging_face,
    "llama3": _llama3_file,
}
