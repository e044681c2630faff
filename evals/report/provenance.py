"""How the sessions of a report were made: methods, models, prompts, seeds, versions."""

from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from platform import python_version

from pydantic import JsonValue

from magnet.evals.comparison.arms import Arm
from magnet.evals.report.sections import Section
from magnet.sessions.workspace import Workspace
from magnet.state.session import EndReason
from magnet.state.table import Table, columns_of
from magnet.store import Session

_PACKAGES = (
    *("magnet-counseling", "inspect-ai", "langgraph", "numpy", "scipy", "krippendorff"),
    *("altair", "vl-convert-python"),
)
_SHOWN = 3


async def provenance_section(workspace: Workspace, arms: Sequence[Arm], seed: int) -> Section:
    """Return how arms were made and measured.

    Raises:
        StoreError: if the database cannot be read.
    """
    runs = {name: await workspace.store.runs.get(name) for name in {arm.run for arm in arms}}
    sampling = workspace.settings.sampling_of("judge")
    return Section(
        id="making",
        title="How this was made",
        text=[
            f"Judges are asked at temperature {sampling.temperature:g}. Resamples and permutations "
            f"are drawn with seed {seed}."
            if sampling.temperature is not None
            else f"Resamples and permutations are drawn with seed {seed}."
        ],
        tables=[
            _sessions_grid(arms, {name: run.settings for name, run in runs.items()}),
            _models_grid(arms),
            Table(
                title="versions",
                columns=columns_of("package", "version", text=2),
                rows=[("Python", python_version()), *_versions()],
            ),
        ],
    )


def _sessions_grid(arms: Sequence[Arm], settings: Mapping[str, Mapping[str, JsonValue]]) -> Table:
    headings = (
        *("arm", "method", "sessions", "clients", "utterances at most", "ended by the client"),
        *("prompts", "order of prompts", "seed", "checks", "made"),
    )
    return Table(
        title="sessions",
        columns=columns_of(*headings, text=2),
        rows=[(arm.name, *_account(arm.sessions, settings[arm.run])) for arm in arms],
        note="The seed is the run's, from which its sessions' derive, or else their own. Prompts: "
        "the hash of all that agents are told besides the client.",
    )


def _account(sessions: Sequence[Session], settings: Mapping[str, JsonValue]) -> Iterator[str]:
    imported = all(session.source for session in sessions)
    yield _few(session.method for session in sessions)
    yield str(len(sessions))
    yield str(len({session.client.form for session in sessions}))
    ended = sum(session.end_reason is EndReason.CLIENT for session in sessions)
    if imported:
        yield from ("imported", f"{ended}", "", "", "", "")
    else:
        yield _few(str(session.settings.turn_limit) for session in sessions)
        yield str(ended)
        yield _few(session.prompt_hash for session in sessions)
        yield _few(session.prompt_layout for session in sessions)
        own = _few(str(session.settings.seed) for session in sessions)
        yield str(settings.get("seed", own))
        yield _few("on" if session.settings.checks else "off" for session in sessions)
    days = sorted(f"{session.created:%Y-%m-%d}" for session in sessions)
    yield days[0] if days[0] == days[-1] else f"{days[0]} to {days[-1]}"


def _models_grid(arms: Sequence[Arm]) -> Table:
    rows: dict[tuple[str, ...], None] = {}
    for arm in arms:
        for session in arm.sessions:
            for role, spec in session.model_ids.items():
                rows[arm.name, role, spec, _sampling(session.models[role])] = None
    return Table(
        title="models",
        columns=columns_of("arm", "role", "model", "sampling", text=4),
        rows=list(rows),
    )


def _sampling(used: JsonValue) -> str:
    if not isinstance(used, dict):
        return ""
    return ", ".join(
        f"{name.replace('_', ' ')} {value}"
        for name, value in used.items()
        if name != "model" and value is not None
    )


def _versions() -> Iterator[tuple[str, str]]:
    for name in _PACKAGES:
        try:
            yield name, version(name)
        except PackageNotFoundError:
            yield name, "not installed"


def _few(values: Iterator[str]) -> str:
    """Return the different ones; of many the first and their number."""
    found = list(dict.fromkeys(values))
    if len(found) > _SHOWN:
        return f"{found[0]} and {len(found) - 1} others"
    return ", ".join(found)
