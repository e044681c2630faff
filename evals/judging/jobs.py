"""How judges are asked, what they are to fill in, and which scores that will give."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from magnet.evals.judging.journal import ScoreJournal, ScoreKey
from magnet.evals.judging.judge_inputs import form_judge_input, judge_input_of
from magnet.evals.scales.files import questionnaires_of
from magnet.evals.scales.judge_input import JudgeInput
from magnet.evals.scales.model import Questionnaire
from magnet.evals.scales.prompts import Order, prompt_hash
from magnet.evals.scales.shapes import score_names
from magnet.models.settings import Settings
from magnet.store import Session

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
    """Sheets to fill in about each of some materials."""

    judge_inputs: Sequence[JudgeInput]
    sheets: Sequence[Questionnaire]
    config: JudgeConfig

    def keys(self, judge_input: JudgeInput, judge: str, samples: int) -> Iterator[ScoreKey]:
        """Yield what identifies the scores that a judge will give to one material."""
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
        """Return what is left of it for a judge: the materials that are not wholly scored."""
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
        manner: how judges are asked.
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
