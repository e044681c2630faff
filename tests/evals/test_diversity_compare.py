import math
import random
from collections.abc import Sequence

import pytest

from magnet.evals.diversity.compare import MEASURES, ClientSession, compare_diversity
from magnet.evals.diversity.errors import DiversityError
from magnet.evals.diversity.measure import measure_diversity
from magnet.evals.diversity.tokenizers import word_tokenizer
from magnet.evals.statistics.bootstrap import Interval


def speak(
    generator: random.Random, clients: int, *, vocabulary: int, words: int = 40
) -> list[ClientSession]:
    """Sessions of three attitudes a client; a client has words of its own besides the common."""
    found: list[ClientSession] = []
    for client in range(clients):
        own = [f"own{generator.randrange(10**6)}" for _ in range(5)]
        for _ in range(3):
            common = [f"word{int(vocabulary * generator.random() ** 2)}" for _ in range(words)]
            said = [generator.choice(own) if generator.random() < 0.2 else w for w in common]
            found.append((client, [" ".join(said[:20]), " ".join(said[20:])]))
    return found


def texts(sessions: Sequence[ClientSession]) -> list[Sequence[str]]:
    return [said for _, said in sessions]


def width(interval: Interval) -> float:
    return interval.high - interval.low


def test_a_larger_run_of_the_same_kind_is_not_less_diverse_at_equal_tokens() -> None:
    generator = random.Random(1)
    small, large = (speak(generator, clients, vocabulary=40) for clients in (10, 80))
    whole = [measure_diversity(texts(run), word_tokenizer()).ngrams[1] for run in (small, large)]
    assert whole[0].share > 1.5 * whole[1].share, "Distinct-1 falls with size"
    runs = {"small": small, "large": large}
    compared = compare_diversity(runs, word_tokenizer(), level=0.999)
    assert compared.tokens == 10 * 3 * 40 // 2
    for measure in MEASURES:
        difference = compared.differences["large"][measure]
        assert difference.low < 0 < difference.high, measure


def test_a_poorer_vocabulary_is_found_in_every_measure() -> None:
    generator = random.Random(2)
    rich, poor = (speak(generator, 30, vocabulary=size) for size in (60, 20))
    compared = compare_diversity({"rich": rich, "poor": poor}, word_tokenizer())
    for measure in MEASURES:
        difference = compared.differences["poor"][measure]
        assert difference.low > 0, measure
        first, second = (compared.runs[name][measure] for name in ("rich", "poor"))
        assert difference.estimate == pytest.approx(first.estimate - second.estimate)
        assert first.low < first.estimate < first.high


def test_a_run_compared_with_itself_differs_by_nothing() -> None:
    run = speak(random.Random(3), 10, vocabulary=300)
    compared = compare_diversity({"a": run, "b": list(run)}, word_tokenizer(), resamples=20)
    for measure in MEASURES:
        assert compared.differences["b"][measure] == Interval(0, 0, 0)


def test_parts_are_as_long_as_asked_and_the_whole_run_has_no_interval() -> None:
    run = speak(random.Random(4), 4, vocabulary=300)
    whole = measure_diversity(texts(run), word_tokenizer())
    compared = compare_diversity({"a": run}, word_tokenizer(), tokens=whole.tokens, resamples=5)
    for n in (1, 2, 3):
        interval = compared.runs["a"][f"Distinct-{n}"]
        assert interval.estimate == pytest.approx(whole.ngrams[n].share)
        assert math.isnan(interval.low)
        assert math.isnan(interval.high)
    assert compared.runs["a"]["EAD"].estimate == pytest.approx(whole.ead)


def test_one_client_has_no_interval() -> None:
    run = speak(random.Random(9), 1, vocabulary=300)
    interval = compare_diversity({"a": run}, word_tokenizer(), resamples=5).runs["a"]["EAD"]
    assert interval.estimate > 0
    assert math.isnan(interval.low)


def test_a_part_of_one_token_is_all_distinct() -> None:
    run = speak(random.Random(5), 2, vocabulary=300)
    measures = compare_diversity({"a": run}, word_tokenizer(), tokens=1, resamples=5).runs["a"]
    assert measures["Distinct-1"].estimate == 1
    assert measures["Distinct-2"].estimate == 0


def test_the_same_seed_gives_the_same_comparison() -> None:
    run = speak(random.Random(6), 6, vocabulary=300)
    made = [
        compare_diversity({"a": run}, word_tokenizer(), resamples=20, seed=seed)
        for seed in (1, 1, 2)
    ]
    assert made[0] == made[1] != made[2]


@pytest.mark.parametrize("tokens", [0, -1, 10**6])
def test_a_part_that_a_run_cannot_give_is_refused(tokens: int) -> None:
    runs = {
        "long": speak(random.Random(7), 3, vocabulary=9),
        "short": [("a", ["one two three"])],
    }
    with pytest.raises(DiversityError, match="run short has 3 tokens; expected a part of 1 to 3"):
        compare_diversity(runs, word_tokenizer(), tokens=tokens)


def test_a_run_without_text_and_no_runs_are_refused() -> None:
    with pytest.raises(DiversityError, match="has 0 tokens"):
        compare_diversity({"a": [("a", [])]}, word_tokenizer())
    with pytest.raises(DiversityError, match="no runs"):
        compare_diversity({}, word_tokenizer())


@pytest.mark.slow
@pytest.mark.parametrize("share", [0.5, 0.2])
def test_the_interval_holds_what_other_clients_would_give(share: float) -> None:
    """Over many runs about 95% of the intervals hold the mean of Distinct-1 at that length."""
    clients, part = 24, int(24 * 3 * 40 * share)
    generator = random.Random(8)
    runs = [speak(generator, clients, vocabulary=400) for _ in range(80)]
    found = [
        compare_diversity({"a": run}, word_tokenizer(), tokens=part, resamples=200).runs["a"]
        for run in runs
    ]
    for measure in ("Distinct-1", "Distinct-2", "EAD"):
        truth = sum(one[measure].estimate for one in found) / len(found)
        held = sum(one[measure].low <= truth <= one[measure].high for one in found)
        assert held >= 68, (measure, held)
