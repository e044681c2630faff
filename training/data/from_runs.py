"""From the runs of a workspace to a folder of training data."""

from collections.abc import Sequence
from pathlib import Path

from magnet.evals.evaluation import extra_installed
from magnet.evals.judging.stored_scores import read_judged
from magnet.evals.quality import measure_values
from magnet.evals.quality.flaws import flaw_measures
from magnet.sessions.transfer import find_sessions
from magnet.sessions.workspace import Workspace
from magnet.training.data import (
    DataManifest,
    DataSettings,
    choose_sessions,
    load_tokenizer,
    write_training_data,
)


async def make_training_data(
    workspace: Workspace,
    names: Sequence[str],
    out: Path,
    settings: DataSettings,
    *,
    tokenizer: str | None = None,
) -> DataManifest:
    """Write training data from the finished sessions of runs.

    Args:
        workspace: where they are stored.
        names: runs, or the starts of sessions' ids.
        out: the folder to write.
        settings: what becomes examples. A filter is named after a measure of the quality table, or
            `SCALE.MEASURE` of what the judge said.
        tokenizer: name, folder or GGUF file of the model whose tokens the card counts.

    Raises:
        UnknownIdError, AmbiguousIdError: a name is of no run, and not of one session.
        ScaleError: a filter names no scale.
        EvaluationError: there are filters, and what measures is not installed.
        TrainingDataError, BaseModelError: the sessions, the settings or the tokenizer do not do.
        ExportError: the folder holds something else, or cannot be written.
    """
    counting = load_tokenizer(tokenizer) if tokenizer else None
    found = [await find_sessions(workspace, name) for name in names]
    sessions = [session for _, some in found for session in some]
    scales = _scales_of(settings)
    if scales and settings.judge is None:
        settings = settings.model_copy(update={"judge": workspace.settings.model_id_of("judge")})
    with extra_installed():
        measures = {s.id: measure_values([s]) for s in (sessions if settings.filters else ())}
    for scale in scales:
        for judged in await read_judged(workspace, sessions, scale, str(settings.judge)):
            measures[judged.session.id] |= {
                f"{scale}.{name}": value
                for name, value in judged.values.items()
                if value is not None
            }
    choice = choose_sessions(sessions, settings, measures)
    return write_training_data(
        choice,
        out,
        # The method asks in this layout unless told otherwise; only here is a session one example.
        workspace.prompts_in("shared-first"),
        tokenizer=counting,
        measures=flaw_measures([one.session for one in choice.chosen]),
    )


def _scales_of(settings: DataSettings) -> set[str]:
    named = (bound.measure.partition(".") for bound in settings.filters)
    return {scale for scale, dot, _ in named if dot}
