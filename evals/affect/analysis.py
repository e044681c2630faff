"""Where clients' feelings turn for the worse: asked of judges, read from the store, written."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from magnet.evals.affect.course import Course, Moment, course_of
from magnet.evals.affect.deterioration import Deterioration, find_deterioration
from magnet.evals.affect.markdown import deterioration_markdown
from magnet.evals.affect.parts import judge_input_until, parts_of
from magnet.evals.judging.jobs import JudgeConfig, JudgingJob, judge_config_of
from magnet.evals.judging.stored_scores import read_scores
from magnet.evals.metrics.metric import EvaluationError
from magnet.evals.scales.files import PACKAGED, load_scale, questionnaire_named
from magnet.evals.scales.judge_input import JudgeInput, form_judge_input
from magnet.evals.scales.measures import questionnaire_measures
from magnet.evals.scales.model import Questionnaire
from magnet.sessions.workspace import Workspace
from magnet.store import Session
from magnet.store.scores import ItemScore

_BEFORE, _AFTER = load_scale(PACKAGED / "panas.yaml").change or ("", "")


def deterioration_jobs(sessions: Sequence[Session], config: JudgeConfig) -> list[JudgingJob]:
    """Return what judges are to fill in: PANAS before each session and at the end of each third.

    What `magnet eval --metrics panas` has stored, before and at the end of all, is among it and is
    not asked again.
    """
    forms = {one.subject: one for one in (form_judge_input(s.client.form) for s in sessions)}
    parts = [judge_input_until(session, part) for session in sessions for part in parts_of(session)]
    return [
        JudgingJob(
            judge_inputs=list(forms.values()), sheets=[questionnaire_named(_BEFORE)], config=config
        ),
        JudgingJob(judge_inputs=parts, sheets=[questionnaire_named(_AFTER)], config=config),
    ]


async def read_deterioration(
    workspace: Workspace, columns: Mapping[str, Sequence[Session]], judge: str
) -> Deterioration:
    """Find where feelings turn for the worse by a judge's stored scores.

    Args:
        workspace: where the scores are.
        columns: finished sessions by what they are shown under.
        judge: Model id of the judge.

    Raises:
        StoreError: if the database cannot be read.
    """
    sheets = [questionnaire_named(_BEFORE), questionnaire_named(_AFTER)]
    asked = {session.id: list(_asked(session)) for some in columns.values() for session in some}
    subjects = sorted({judge_input.subject for some in asked.values() for _, judge_input in some})
    scores = await read_scores(
        workspace, subjects, sheets, judge, judge_config_of(workspace.settings)
    )
    courses: list[Course] = []
    missing = 0
    for column, sessions in columns.items():
        for session in sessions:
            moments = [
                _moment(sheet, judge_input, scores[judge_input.subject].get(sheet.name, []))
                for sheet, judge_input in asked[session.id]
            ]
            course = course_of(column, session, moments)
            if course is None:
                missing += 1
            else:
                courses.append(course)
    return find_deterioration(judge, courses, missing=missing)


def write_deterioration(found: Sequence[Deterioration], folder: Path) -> list[Path]:
    """Write what each judge's scores say as `negative.md` and `negative.json`.

    Raises:
        EvaluationError: if a file cannot be written.
    """
    page = "\n".join(map(deterioration_markdown, found))
    data = ",\n".join(one.model_dump_json(indent=1) for one in found)
    texts = {folder / "negative.md": page, folder / "negative.json": f"[{data}]\n"}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path, text in texts.items():
            path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise EvaluationError(
            f"{error.filename or folder}: cannot be written ({error.strerror or error}). "
            "Name another folder"
        ) from error
    return list(texts)


def _asked(session: Session) -> Iterator[tuple[Questionnaire, JudgeInput]]:
    yield questionnaire_named(_BEFORE), form_judge_input(session.client.form)
    for part in parts_of(session):
        yield questionnaire_named(_AFTER), judge_input_until(session, part)


def _moment(sheet: Questionnaire, judge_input: JudgeInput, scores: Sequence[ItemScore]) -> Moment:
    reason = next((score.reason for score in scores if score.reason), "")
    return Moment(values=questionnaire_measures(sheet, judge_input, scores), reason=reason)
