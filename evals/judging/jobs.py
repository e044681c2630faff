"""How judges are asked, what they are to fill in, and what of it they have answered already."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import NamedTuple, Protocol

from magnet.evals.scales.files import questionnaires_of
from magnet.evals.scales.judge_input import JudgeInput, form_judge_input, judge_input_of
from magnet.evals.scales.model import Questionnaire
from magnet.evals.scales.question import Order, prompt_hash
from magnet.evals.scales.shapes import score_names
from magnet.models.settings import Settings
from magnet.store import Session
from magnet.store.scores import ItemScore, Scores


class ScoreKey(NamedTuple):
    """What identifies a score."""

    subject: str
    sheet: str
    item: str
    judge: str
    sample: int
    prompt_hash: str


def key_of(score: ItemScore) -> ScoreKey:
    """Return what identifies a score."""
    return ScoreKey(
        score.subject, score.sheet, score.item, score.judge, score.sample, score.prompt_hash
    )


class ScoreJournal(Protocol):
    """The scores so far."""

    def find(self, key: ScoreKey) -> ItemScore | None:
        """Return the score of this key, if it is there."""
        ...

    async def record(self, scores: Sequence[ItemScore]) -> None:
        """Make scores durable; return once they are."""
        ...


class NoJournal:
    """For tasks that run under Inspect's own command: their log alone keeps the scores."""

    def find(self, key: ScoreKey) -> ItemScore | None:
        """Return nothing: no score is kept."""

    async def record(self, scores: Sequence[ItemScore]) -> None:
        """Keep nothing."""


class StoredJournal:
    """The scores of a store: in memory to look up, in the database to survive."""

    def __init__(self, scores: Scores, known: Iterable[ItemScore]):
        """Start from what is known.

        Args:
            scores: where new ones go.
            known: those of the subjects that are to be judged.
        """
        self._scores = scores
        self.watch: Callable[[int], None] = _unwatched
        """Told how many scores were recorded, each time."""
        self._known = {key_of(score): score for score in known}

    def find(self, key: ScoreKey) -> ItemScore | None:
        """Return the score of this key, if it is there."""
        return self._known.get(key)

    async def record(self, scores: Sequence[ItemScore]) -> None:
        """Store scores; return when they are committed.

        Raises:
            StoreError: They were not committed.
        """
        await self._scores.record(scores)
        self._known.update((key_of(score), score) for score in scores)
        self.watch(len(scores))


def _unwatched(count: int) -> None:
    del count


JOURNAL: ContextVar[ScoreJournal | None] = ContextVar("judging_journal", default=None)
"""The journal of the tasks that run in this context; none keeps nothing.

A task's arguments are written into its log and must make the task again for `inspect eval-retry`,
so an open database cannot be one of them.
"""


def current_journal() -> ScoreJournal:
    """Return the journal of the tasks that run in this context."""
    return JOURNAL.get() or NoJournal()


ANSWER_TOKENS = 512
"""Tokens that an answer may take, where its sheet does not allow more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeConfig:
    """All that decides how a question is put, besides the question."""

    temperature: float | None = 0.0
    order: Order = "up"
    answer_tokens: int = ANSWER_TOKENS
    at_once: bool = False
    """Ask all about a session at once, and not the first question alone to fill a prefix cache."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgingJob:
    """Sheets to fill in about each of some inputs."""

    judge_inputs: Sequence[JudgeInput]
    sheets: Sequence[Questionnaire]
    config: JudgeConfig

    def keys(self, judge_input: JudgeInput, judge: str, samples: int) -> Iterator[ScoreKey]:
        """Yield what identifies the scores that a judge will give to one input."""
        for sheet in self.sheets:
            version = prompt_hash(sheet, self.config.temperature, self.config.order)
            for item in score_names(sheet, judge_input):
                for sample in range(1, samples + 1):
                    yield ScoreKey(judge_input.subject, sheet.name, item, judge, sample, version)

    def missing(self, judge: str, samples: int, journal: ScoreJournal) -> int:
        """Count the scores of a judge that are not there."""
        return sum(
            journal.find(key) is None
            for judge_input in self.judge_inputs
            for key in self.keys(judge_input, judge, samples)
        )

    def left(self, judge: str, samples: int, journal: ScoreJournal) -> "JudgingJob":
        """Return what is left of it for a judge: the inputs that are not wholly scored."""
        return replace(
            self,
            judge_inputs=[
                judge_input
                for judge_input in self.judge_inputs
                if any(journal.find(key) is None for key in self.keys(judge_input, judge, samples))
            ],
        )


def judge_config_of(settings: Settings) -> JudgeConfig:
    """Return how judges are asked under these settings: `[sampling.judge]`."""
    sampling = settings.sampling_of("judge")
    tokens = sampling.max_tokens or ANSWER_TOKENS
    return JudgeConfig(temperature=sampling.temperature, answer_tokens=tokens)


def jobs_for(
    sessions: Sequence[Session], scales: Sequence[str], config: JudgeConfig, *, full: bool = False
) -> list[JudgingJob]:
    """Return what judges are to fill in about sessions: forms once a client, and the sessions.

    Args:
        sessions: with transcripts.
        scales: names.
        config: how judges are asked.
        full: also the sheets that are asked only of a full scale.

    Raises:
        ScaleError: if there is no scale of a name.
    """
    by_kind: dict[str, list[Questionnaire]] = defaultdict(list)
    for sheet in questionnaires_of(scales, full=full):
        by_kind[sheet.text.of].append(sheet)
    forms = {one.subject: one for one in (form_judge_input(s.client.form) for s in sessions)}
    judge_inputs = {"form": list(forms.values()), "session": list(map(judge_input_of, sessions))}
    return [
        JudgingJob(judge_inputs=judge_inputs[kind], sheets=sheets, config=config)
        for kind, sheets in by_kind.items()
    ]
