"""What judges have said about sessions, as far as it is stored; nothing is asked here."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from magnet.evals.judging.config import ANSWER_TOKENS, Manner
from magnet.evals.judging.jobs import Job
from magnet.evals.judging.judge_inputs import form_material, material_of
from magnet.evals.scales.files import sheets_of
from magnet.evals.scales.measures import Values, measures_of
from magnet.evals.scales.model import Sheet
from magnet.evals.scales.prompts import prompt_hash
from magnet.models.settings import Settings
from magnet.sessions.workspace import Workspace
from magnet.state.errors import MagnetError
from magnet.store import Session
from magnet.store.scores import ItemScore


class JudgingError(MagnetError):
    """Sessions cannot be judged; the text names the file and the remedy."""


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


def manner_of(settings: Settings) -> Manner:
    """Give how judges are asked under these settings: `[sampling.judge]`."""
    sampling = settings.sampling_of("judge")
    tokens = sampling.max_tokens or ANSWER_TOKENS
    return Manner(temperature=sampling.temperature, answer_tokens=tokens)


def jobs_for(
    sessions: Sequence[Session], scales: Sequence[str], manner: Manner, *, full: bool = False
) -> list[Job]:
    """Give what judges are to fill in about sessions: forms once a client, and the sessions.

    Args:
        sessions: with transcripts.
        scales: names.
        manner: how judges are asked.
        full: also the sheets that are asked only of a full scale.

    Raises:
        ScaleError: if there is no scale of a name.
    """
    by_kind: dict[str, list[Sheet]] = defaultdict(list)
    for sheet in sheets_of(scales, full=full):
        by_kind[sheet.text.of].append(sheet)
    forms = {one.subject: one for one in (form_material(s.client.form) for s in sessions)}
    materials = {"form": list(forms.values()), "session": list(map(material_of, sessions))}
    return [
        Job(materials=materials[kind], sheets=sheets, manner=manner)
        for kind, sheets in by_kind.items()
    ]


async def read_judged(
    workspace: Workspace, sessions: Sequence[Session], scale: str, judge: str
) -> list[JudgedSession]:
    """Give what a judge said about sessions on a scale, asked as it is worded and set now.

    All samples that are stored count. The further sheets of a scale are there if they were asked.

    Raises:
        ScaleError: if there is no such scale.
        StoreError: if the database cannot be read.
    """
    sheets = sheets_of([scale], full=True)
    manner = manner_of(workspace.settings)
    materials = [(material_of(s), form_material(s.client.form)) for s in sessions]
    subjects = sorted({one.subject for pair in materials for one in pair})
    found = await read_scores(workspace, subjects, sheets, judge, manner)
    judged: list[JudgedSession] = []
    for session, (material, form) in zip(sessions, materials, strict=True):
        of_kind = {"session": material.subject, "form": form.subject}
        scores = {s.name: found[of_kind[s.text.of]].get(s.name, []) for s in sheets}
        judged.append(JudgedSession(session, scores, measures_of(scale, material, scores)))
    return judged


async def read_scores(
    workspace: Workspace,
    subjects: Sequence[str],
    sheets: Sequence[Sheet],
    judge: str,
    manner: Manner,
) -> Mapping[str, Mapping[str, list[ItemScore]]]:
    """Give a judge's scores in one manner, by subject and sheet.

    Raises:
        StoreError: if the database cannot be read.
    """
    versions = {s.name: prompt_hash(s, manner.temperature, manner.order) for s in sheets}
    found: dict[str, dict[str, list[ItemScore]]] = {subject: {} for subject in subjects}
    for score in await workspace.store.scores.of(subjects, judge=judge):
        if versions.get(score.sheet) == score.prompt_hash:
            found[score.subject].setdefault(score.sheet, []).append(score)
    return found
