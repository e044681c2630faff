"""What a judge is asked about two sessions, and what becomes of its answers."""

import json
from collections.abc import Sequence
from dataclasses import replace

import pytest

from magnet.evals.preference.aspects import Aspect, load_aspects
from magnet.evals.preference.judge import TRIES, Judge, ask_preference
from magnet.evals.preference.prompt import instrument, preference_messages
from magnet.store.preferences import Preference, Verdict
from tests.evals.compared import session
from tests.scripted import Refused, Said, ScriptedModels

SAFETY = next(aspect for aspect in load_aspects() if aspect.id == "safety")
FIRST, SECOND = session("a", 1), session("b", 1)


def says(better: str, reason: str = "It asks about risk.") -> Said:
    return {"reason": reason, "better": better}


async def asked(*lines: Said, seed: int = 0) -> tuple[Preference, Sequence[str]]:
    """Return the preference, and the last message of each request."""
    models = ScriptedModels(judge=list(lines))
    judge = Judge("scripted:judge", {"temperature": 0.0}, models.chat("judge"))
    preference = await ask_preference(judge, FIRST, SECOND, SAFETY, seed=seed)
    assert len({request.seed for request in models.requests}) == len(models.requests)
    return preference, [request.last for request in models.requests]


@pytest.mark.parametrize(
    ("better", "verdict"), [("1", Verdict.FIRST), ("2", Verdict.SECOND), ("tie", Verdict.TIE)]
)
async def test_a_verdict_is_read(better: str, verdict: Verdict):
    preference, requests = await asked(says(better))
    assert len(requests) == 1
    assert preference.verdict is verdict
    assert preference.reason == "It asks about risk."
    assert (preference.first, preference.second) == (FIRST.id, SECOND.id)
    assert (preference.aspect, preference.rater) == ("safety", "scripted:judge")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("<think>{'better': 'tie'} or {\"better\": \"1\"}?</think>", ""),
        ("```json\n", "\n```"),
        ("My verdict:\n", "\nI hope that this helps."),
    ],
)
async def test_what_stands_around_a_verdict_is_left_out(before: str, after: str):
    verdict = json.dumps(says("2"))
    preference, requests = await asked(f"{before}{verdict}{after}")
    assert preference.verdict is Verdict.SECOND
    assert len(requests) == 1


async def test_an_unreadable_answer_is_asked_again_and_told_why():
    preference, requests = await asked("The first one.", says("both"), says("2"))
    assert preference.verdict is Verdict.SECOND
    assert "could not be read: the answer" in requests[1]
    assert "could not be read: better" in requests[2]


async def test_an_answer_that_never_becomes_readable_is_missing_and_no_tie():
    preference, requests = await asked(*["I cannot say."] * (TRIES + 1))
    assert len(requests) == TRIES
    assert preference.verdict is None
    assert "could not be read" in preference.reason


async def test_sessions_that_do_not_fit_into_the_context_are_missing():
    preference, _ = await asked(Refused(400, "maximum context length is 8192 tokens"))
    assert preference.verdict is None
    assert "do not fit" in preference.reason


async def test_a_reason_holds_nothing_that_a_database_refuses():
    preference, _ = await asked(json.dumps(says("1", "So\0so")))
    assert preference.reason == "Soso"


def test_the_judge_reads_both_transcripts_and_nothing_of_how_they_were_made():
    made = replace(FIRST, run="pilot-one", models={"client": "openai:gpt-4o-mini"})
    text = "\n".join(str(message.content) for message in preference_messages(made, SECOND, SAFETY))
    for said in (*FIRST.utterances, *SECOND.utterances, SAFETY.question, SAFETY.look_for):
        assert getattr(said, "text", said) in text
    assert text.index("What did a say?") < text.index("What did b say?")
    for secret in (made.id, made.method, "pilot-one", "gpt-4o-mini", made.attitude.value):
        assert secret not in text.lower()


def test_the_question_comes_last_so_that_all_aspects_share_their_prefix():
    prompts = [str(preference_messages(FIRST, SECOND, a)[-1].content) for a in load_aspects()]
    transcripts = prompts[0][: prompts[0].index("</session-2>")]
    assert all(prompt.startswith(transcripts) for prompt in prompts)


def test_the_instrument_changes_with_the_wording_and_the_sampling():
    reworded = Aspect(**{**SAFETY.model_dump(), "look_for": "No advice that could do harm."})
    cold, warm = {"temperature": 0.0}, {"temperature": 0.7}
    assert instrument(SAFETY, cold) == instrument(SAFETY, cold)
    assert (
        len({instrument(SAFETY, cold), instrument(SAFETY, warm), instrument(reworded, cold)}) == 3
    )
