"""From sessions to a verdict on two methods: a planted difference is found, and none is not.

The judge answers by a rule on the text; what is tested is all between a transcript and a test: the
prompt, the answer's reading, the measures, and the comparison by clients.
"""

import json
from random import Random

import pytest

from magnet.evals.scales.files import questionnaire_named
from magnet.evals.scales.measures import measures_of
from magnet.evals.scales.question import user_message
from magnet.evals.scales.shapes import questions
from magnet.evals.statistics.paired import compare_paired
from tests.evals.judged import Asked, a_material, a_score, points_for

CLIENTS, ATTITUDES = 8, 3
JUDGE = points_for("i hear you")


def judged(subject: str, warmth: int) -> float | None:
    """Have a session judged whose counselor says the warm words so often."""
    judge_input = a_material(subject, "Hello.", "I don't sleep.", "I hear you. " * warmth)
    question = questions(questionnaire_named("ctrs"), judge_input)[0]
    answer = JUDGE(Asked("item", user_message(question), 1, 0.0))
    (reading,) = question.read(json.dumps(answer))
    scores = {"ctrs": [a_score(reading.item, reading.value, "ctrs")]}
    return measures_of("ctrs", judge_input, scores)[reading.item]


def p_value(rng: Random, effect: float) -> float:
    """Judge two methods whose sessions differ by client, by chance, and by `effect` points."""
    first: list[float | None] = []
    second: list[float | None] = []
    for client in range(CLIENTS):
        liking = rng.gauss(3, 1)
        for attitude in range(ATTITUDES):
            for scores, mean in ((first, liking + effect), (second, liking)):
                warmth = min(6, max(0, round(rng.gauss(mean, 1))))
                scores.append(judged(f"{client}-{attitude}", warmth))
    clients = [client for client in range(CLIENTS) for _ in range(ATTITUDES)]
    return compare_paired(first, second, clients, resamples=2).p_permutation


@pytest.mark.slow
def test_null_is_rejected_at_the_stated_rate():
    rng = Random(11)
    rejected = sum(p_value(rng, 0) <= 0.05 for _ in range(200))
    # Of 200 at 5%: within three standard deviations of 10.
    assert 1 <= rejected <= 19


@pytest.mark.slow
def test_known_effect_is_found():
    rng = Random(12)
    assert sum(p_value(rng, 1.5) <= 0.05 for _ in range(40)) >= 36
