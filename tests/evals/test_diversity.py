import json
import re
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from magnet.evals.diversity.counting import DistinctKeys, ngram_keys
from magnet.evals.diversity.measure import Distinct, Diversity, ead, measure_diversity
from magnet.evals.diversity.procedures import PROCEDURES, ProcedureName
from magnet.evals.diversity.tokenizer_files import ensure_tokenizer
from magnet.evals.diversity.tokenizers import Tokenizer, word_tokenizer

PUBLISHED_SESSIONS = (
    Path(__file__).parents[2].parent / "shared" / "data" / "magnet-released-1-120.zip"
)

ids = st.lists(st.integers(0, 2**21 - 1) | st.integers(0, 3), max_size=30)


def numbers() -> Tokenizer:
    """Tokens are the numbers of a text; V is 10."""
    return Tokenizer("numbers", 10, lambda text: [int(word) for word in text.split()])


def published_dialogues() -> list[list[str]]:
    with zipfile.ZipFile(PUBLISHED_SESSIONS) as archive:
        dialogues = [json.loads(archive.read(name))["dialogue"] for name in archive.namelist()]
    return [[turn["message"] for turn in dialogue] for dialogue in dialogues]


def test_ngrams_are_counted_within_sessions_and_over_utterances() -> None:
    found = measure_diversity([["1 2", "1 2"], ["2 1"]], numbers())
    assert found.ngrams[1] == Distinct(count=2, of=6)
    assert found.ngrams[2] == Distinct(count=2, of=4)
    assert found.ngrams[3] == Distinct(count=2, of=2)
    assert (found.sessions, found.utterances, found.tokens) == (2, 3, 6)


def test_ead_is_the_formula_of_liu_et_al() -> None:
    found = measure_diversity([["1 2 1 2 1"]], numbers())
    # Of ten tokens, five draws are expected to show 10 * (1 - 0.9 ** 5) = 4.0951.
    assert found.ead == pytest.approx(2 / 4.0951)
    assert ead(3, 1, 3) == pytest.approx(3)


def test_a_run_without_text_has_no_diversity() -> None:
    for sessions in ([], [[]], [["...", "?!"]]):
        found = measure_diversity(sessions, word_tokenizer())
        assert [share.share for share in found.ngrams.values()] == [0, 0, 0]
        assert found.ead == 0


def test_diversity_is_read_back_from_json() -> None:
    found = measure_diversity([["1 2", "3"]], numbers())
    assert Diversity.model_validate_json(found.model_dump_json()) == found


@pytest.mark.parametrize(
    ("procedure", "expected"),
    [
        ("paper", "Im worndown  what nowTell me more   caf"),
        ("plain", "Im worn down what now Tell me more café"),
    ],
)
def test_what_a_procedure_makes_of_a_session(procedure: ProcedureName, expected: str) -> None:
    said = ["I'm worn\u2014down, @anna ", "what now?", "Tell me more: www.x.org/a#b #tag café"]
    assert PROCEDURES[procedure].text(said) == expected


@given(st.lists(st.text(alphabet="aé1 .-'\n\u2019", max_size=12), max_size=5))
def test_plain_never_glues_what_the_paper_glues(utterances: list[str]) -> None:
    paper, plain = (PROCEDURES[name].text(utterances) for name in ("paper", "plain"))
    assert re.sub(r"[^a1]", "", plain) == paper.replace(" ", "")
    assert len(plain.split()) >= len(paper.split())
    assert plain == " ".join(plain.split())


@given(ids, ids, st.integers(1, 3))
def test_keys_are_equal_exactly_where_ngrams_are(a: list[int], b: list[int], n: int) -> None:
    grams = [tuple(text[i : i + n]) for text in (a, b) for i in range(len(text) - n + 1)]
    keys = [*ngram_keys(a, n).tolist(), *ngram_keys(b, n).tolist()]
    assert len(keys) == len(grams)
    assert len(set(keys)) == len(set(grams)) == len(set(zip(keys, grams, strict=True)))


def test_a_token_that_does_not_fit_is_named() -> None:
    with pytest.raises(ValueError, match="2097152: expected at most 2097151"):
        ngram_keys([1, 2**21], 1)


@settings(deadline=None)
@given(st.lists(ids, max_size=8), st.integers(1, 20))
def test_distinct_keys_are_those_of_a_set(texts: list[list[int]], pending: int) -> None:
    counted, expected = DistinctKeys(pending), set[int]()
    for text in texts:
        keys = ngram_keys(text, 2)
        counted.add(keys)
        expected.update(keys.tolist())
    assert len(counted) == len(expected)


def paper_directly(dialogues: Sequence[Sequence[str]], tokenizer: Tokenizer) -> list[float]:
    """The paper's procedure read word for word: clean, tokenize, lists of n-grams, sets of them."""
    grams: list[list[tuple[int, ...]]] = [[], [], []]
    for dialogue in dialogues:
        text = "\n".join(dialogue)
        for dropped in (r"@\S+", r"http\S+", r"#\S+", r"[^0-9A-Za-z ]"):
            text = re.sub(dropped, "", text)
        tokens = tokenizer.encode(text)
        for n in (1, 2, 3):
            grams[n - 1] += [tuple(tokens[i : i + n]) for i in range(len(tokens) - n + 1)]
    distinct, total = len(set(grams[0])), len(grams[0])
    size = 128_000
    return [
        *(len(set(found)) / len(found) for found in grams),
        distinct / (size * (1 - ((size - 1) / size) ** total)),
    ]


@pytest.mark.slow
@pytest.mark.skipif(
    not PUBLISHED_SESSIONS.exists(), reason="the published sessions are not at hand"
)
def test_the_papers_procedure_matches_a_direct_reading_to_the_last_digit() -> None:
    tokenizer = ensure_tokenizer("llama3")
    assert tokenizer.vocabulary_size == 128_000
    dialogues = published_dialogues()
    found = measure_diversity(dialogues, tokenizer, "paper")
    assert found.sessions == 119
    measured = [*(share.share for share in found.ngrams.values()), found.ead]
    assert measured == paper_directly(dialogues, tokenizer)
