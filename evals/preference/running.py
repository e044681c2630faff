"""Which of two arms a judge prefers: pairs of sessions, asked in both orders on each aspect."""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import openai

from magnet.evals.comparison.arms import find_arms
from magnet.evals.preference.aspects import Aspect
from magnet.evals.preference.judge import Judge, ask_preference
from magnet.evals.preference.outcomes import Outcome, outcomes_of
from magnet.evals.preference.pairing import Pair, Pairing
from magnet.models.at_once import at_once
from magnet.models.endpoints import Endpoints
from magnet.models.redaction import redact
from magnet.sessions.workspace import Workspace
from magnet.store import Session, StoreError
from magnet.store.preferences import Preference, RaterKind

Expect = Callable[[int], None]
Watch = Callable[[Preference], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What a judge prefers, and what became of asking it."""

    pairing: Pairing
    outcomes: list[Outcome]
    """Of this judge alone, with the aspects as they are worded now."""
    asked: int
    """Verdicts that were asked for now; the others were stored."""
    failed: dict[str, str]
    """Pairs that the endpoint failed on, by their ids, with the error; the next time goes on."""


class _Question(NamedTuple):
    """Two sessions in one order, and what is still to be asked about them."""

    first: Session
    second: Session
    aspects: tuple[Aspect, ...]


async def judge_pairs(
    workspace: Workspace,
    a: str,
    b: str,
    judge: str,
    *,
    aspects: Sequence[Aspect],
    seed: int = 0,
    expect: Expect = lambda _: None,
    watch: Watch = lambda _: None,
) -> Judged:
    """Ask a judge about every pair of two arms, in both orders; what is stored is not asked again.

    Args:
        workspace: where the sessions are.
        a: one arm, a `RUN` or a `RUN:METHOD`.
        b: the other.
        judge: Model id of the judge.
        aspects: what the sessions of a pair are compared on.
        seed: of the judge's sampling.
        expect: told how many verdicts will be asked for, before the first.
        watch: told of each verdict once it is stored.

    Raises:
        UnknownIdError, ArmError: if the arms cannot be found or compared.
        SettingsError, EndpointError, ModelDownloadError, ModelStartError: if the judge cannot be
            had.
        StoreError: if the database cannot be read or written.
    """
    arms = await find_arms(workspace, a, b)
    pairing, stored = arms.pairing, await workspace.store.preferences.between(*arms.runs)
    models = {**workspace.settings.models, "judge": judge}
    settings = workspace.settings.model_copy(update={"models": models})
    endpoints = Endpoints(settings)
    try:
        await endpoints.prepare(["judge"])
        sampling = {**settings.sampling_of("judge").model_dump(), "seed": seed}
        asker = Judge(judge, sampling, endpoints.chat("judge"))
        known = _of_judge(stored, asker, aspects)
        asking = _Asking(workspace, asker, seed, watch)
        questions = list(_open_questions(pairing.pairs, aspects, known))
        expect(sum(len(question.aspects) for question in questions))
        await asking.ask_all(questions, at_once(settings, ["judge"]))
    finally:
        await endpoints.aclose()
    return Judged(
        pairing=pairing,
        outcomes=outcomes_of(pairing.pairs, [*known, *asking.given]),
        asked=len(asking.given),
        failed=asking.failed,
    )


async def stored_outcomes(workspace: Workspace, a: str, b: str) -> tuple[Pairing, list[Outcome]]:
    """Return what every judge and person has said so far on the pairs of two arms.

    Raises:
        UnknownIdError, ArmError: if the arms cannot be found or compared.
        StoreError: if the database cannot be read.
    """
    arms = await find_arms(workspace, a, b)
    pairing, stored = arms.pairing, await workspace.store.preferences.between(*arms.runs)
    return pairing, outcomes_of(pairing.pairs, stored)


def _of_judge(
    stored: Iterable[Preference], judge: Judge, aspects: Sequence[Aspect]
) -> list[Preference]:
    instruments = {aspect.id: judge.instrument(aspect) for aspect in aspects}
    return [
        preference
        for preference in stored
        if (preference.kind, preference.rater) == (RaterKind.JUDGE, judge.model_id)
        and instruments.get(preference.aspect) == preference.instrument
    ]


def _open_questions(
    pairs: Iterable[Pair], aspects: Sequence[Aspect], known: Iterable[Preference]
) -> Iterator[_Question]:
    answered = {(one.first, one.second, one.aspect) for one in known}
    for pair in pairs:
        for first, second in ((pair.a, pair.b), (pair.b, pair.a)):
            left = tuple(a for a in aspects if (first.id, second.id, a.id) not in answered)
            if left:
                yield _Question(first, second, left)


class _Asking:
    def __init__(self, workspace: Workspace, judge: Judge, seed: int, watch: Watch) -> None:
        self._store = workspace.store
        self._judge = judge
        self._seed = seed
        self._watch = watch
        self.given: list[Preference] = []
        self.failed: dict[str, str] = {}

    async def ask_all(self, questions: Sequence[_Question], limit: int) -> None:
        waiting = iter(questions)
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(min(limit, len(questions))):
                    group.create_task(self._work(waiting))
        except* StoreError as errors:
            raise errors.exceptions[0] from None

    async def _work(self, waiting: Iterator[_Question]) -> None:
        for question in waiting:
            try:
                await self._ask(question)
            except openai.OpenAIError as error:
                # Whatever one pair meets, the others go on.
                pair = f"{question.first.id} {question.second.id}"
                self.failed[pair] = redact(f"{type(error).__name__}: {error}")

    async def _ask(self, question: _Question) -> None:
        # One after the other: a server computes the transcripts once and then finds them cached.
        for aspect in question.aspects:
            preference = await ask_preference(
                self._judge, question.first, question.second, aspect, seed=self._seed
            )
            await self._store.preferences.record([preference])
            self.given.append(preference)
            self._watch(preference)
