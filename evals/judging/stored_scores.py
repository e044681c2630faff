"""What judges have said about sessions, as far as it is stored; nothing is asked here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from magnet.evals.judging.jobs import JudgeConfig, judge_config_of
from magnet.evals.scales.files import questionnaires_of
from magnet.evals.scales.judge_input import form_judge_input, judge_input_of
from magnet.evals.scales.measures import Values, measures_of
from magnet.evals.scales.model import Questionnaire
from magnet.evals.scales.question import prompt_hash
from magnet.sessions.workspace import Workspace
from magnet.store import Session
from magnet.store.scores import ItemScore


@dataclass(frozen=True, slots=True)
class JudgedSession:
    """What one judge said about a session on one scale."""

    session: Session
    scores: Mapping[str, Sequence[ItemScore]]
    """By sheet, all samples; of a scale that judges the form too, the client's."""
    values: Values

    @property
    def missing(self) -> int:
        """Scores that the judge never gave in a usable form."""
        return sum(score.value is None for some in self.scores.values() for score in some)


async def read_judged(
    workspace: Workspace, sessions: Sequence[Session], scale: str, judge: str
) -> list[JudgedSession]:
    """Return what a judge said about sessions on a scale, asked as it is worded and set now.

    All samples that are stored count. The further sheets of a scale are there if they were asked.

    Raises:
        ScaleError: if there is no such scale.
        StoreError: if the database cannot be read.
    """
    sheets = questionnaires_of([scale], full=True)
    config = judge_config_of(workspace.settings)
    judge_inputs = [(judge_input_of(s), form_judge_input(s.client.form)) for s in sessions]
    subjects = sorted({one.subject for pair in judge_inputs for one in pair})
    found = await read_scores(workspace, subjects, sheets, judge, config)
    judged: list[JudgedSession] = []
    for session, (judge_input, form) in zip(sessions, judge_inputs, strict=True):
        of_kind = {"session": judge_input.subject, "form": form.subject}
        scores = {s.name: found[of_kind[s.text.of]].get(s.name, []) for s in sheets}
        judged.append(JudgedSession(session, scores, measures_of(scale, judge_input, scores)))
    return judged


async def read_scores(
    workspace: Workspace,
    subjects: Sequence[str],
    sheets: Sequence[Questionnaire],
    judge: str,
    config: JudgeConfig,
) -> Mapping[str, Mapping[str, list[ItemScore]]]:
    """Return a judge's scores under one configuration, by subject and sheet.

    Raises:
        StoreError: if the database cannot be read.
    """
    versions = {s.name: prompt_hash(s, config.temperature, config.order) for s in sheets}
    found: dict[str, dict[str, list[ItemScore]]] = {subject: {} for subject in subjects}
    for score in await workspace.store.scores.of(subjects, judge=judge):
        if versions.get(score.sheet) == score.prompt_hash:
            found[score.subject].setdefault(score.sheet, []).append(score)
    return found
