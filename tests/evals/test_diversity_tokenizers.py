import base64
import json
from pathlib import Path

import pytest

from magnet.evals.diversity.errors import TokenizerError
from magnet.evals.diversity.tokenizer_files import ensure_tokenizer, load_tokenizers
from magnet.evals.diversity.tokenizers import llama3_tokenizer, open_tokenizer, word_tokenizer


def bpe_file(*merged: str) -> bytes:
    """A tokenizer.model: the 256 bytes, then some longer tokens, by rank."""
    tokens = [bytes([byte]) for byte in range(256)] + [token.encode() for token in merged]
    return b"\n".join(
        base64.b64encode(token) + f" {rank}".encode() for rank, token in enumerate(tokens)
    )


def test_words_are_numbered_as_they_come_whatever_their_case() -> None:
    tokenizer = word_tokenizer()
    assert tokenizer.encode("You know that you know.") == [0, 1, 2, 0, 1]
    assert tokenizer.encode("That you!") == [2, 0]


def test_llama3_puts_its_begin_token_before_a_text_and_counts_it_out_of_v() -> None:
    tokenizer = llama3_tokenizer(bpe_file("he", "ll", "hell"))
    assert tokenizer.vocabulary_size == 259
    assert tokenizer.encode("hello") == [259, 258, ord("o")]
    assert tokenizer.encode("") == [259]
    assert tokenizer.encode("<|begin_of_text|>")[1:] == [ord(c) for c in "<|begin_of_text|>"]


def test_llama3_reads_meta_s_file_from_a_path(tmp_path: Path) -> None:
    path = tmp_path / "tokenizer.model"
    path.write_bytes(bpe_file("ab"))
    assert open_tokenizer(f"llama3:{path}").encode("ab") == [257, 256]


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "tokenizer.model"
    path.write_text("{not, a tokenizer}", encoding="utf-8")
    with pytest.raises(TokenizerError, match="base 64"):
        open_tokenizer(f"llama3:{path}")
    with pytest.raises(TokenizerError, match="cannot be read"):
        open_tokenizer(f"llama3:{tmp_path / 'none'}")


def test_a_hugging_face_tokenizer_is_read_from_a_folder_and_never_cuts(tmp_path: Path) -> None:
    pytest.importorskip("tokenizers")
    file = {
        "version": "1.0",
        "truncation": {
            "max_length": 2,
            "strategy": "LongestFirst",
            "stride": 0,
            "direction": "Right",
        },
        "padding": None,
        "added_tokens": [],
        "normalizer": None,
        "pre_tokenizer": {"type": "Whitespace"},
        "post_processor": None,
        "decoder": None,
        "model": {"type": "WordLevel", "vocab": {"a": 0, "b": 1, "?": 2}, "unk_token": "?"},
    }
    (tmp_path / "tokenizer.json").write_text(json.dumps(file), encoding="utf-8")
    for place in (tmp_path, tmp_path / "tokenizer.json"):
        tokenizer = open_tokenizer(f"hf:{place}")
        assert list(tokenizer.encode("a b c a")) == [0, 1, 2, 0]
        assert tokenizer.vocabulary_size == 3


def test_a_broken_hugging_face_tokenizer_is_refused(tmp_path: Path) -> None:
    pytest.importorskip("tokenizers")
    (tmp_path / "tokenizer.json").write_text("{}", encoding="utf-8")
    with pytest.raises(TokenizerError, match=r"expected a tokenizer\.json"):
        open_tokenizer(f"hf:{tmp_path}")


@pytest.mark.parametrize("spec", ["", "word", "tiktoken", "tiktoken:", "gguf:x", "words:x"])
def test_an_unknown_tokenizer_is_named_with_what_there_is(spec: str) -> None:
    with pytest.raises(TokenizerError, match=r"expected one of words, tiktoken:\.\.\."):
        ensure_tokenizer(spec)


def test_an_unknown_encoding_is_named_with_those_there_are() -> None:
    with pytest.raises(TokenizerError, match="cl100k_base"):
        open_tokenizer("tiktoken:none")


def test_a_tokenizer_that_cannot_be_fetched_says_how_to_bring_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    with pytest.raises(TokenizerError) as raised:
        ensure_tokenizer("llama3", cache_dir=tmp_path)
    said = str(raised.value)
    assert "llama-models==" in said
    assert load_tokenizers()["llama3"].sha256 in said
    assert "llama3:/path/to/tokenizer.model" in said
