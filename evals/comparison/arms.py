"""What is compared with what: the sessions of runs, or of methods of runs, paired by client."""

from collections.abc import Sequence
from dataclasses import dataclass

from magnet.evals.preference.pairing import Pairing, pair_sessions
from magnet.sessions.transfer import find_sessions
from magnet.sessions.workspace import Workspace
from magnet.state.errors import BadUseError
from magnet.store import Session, UnknownIdError


class SideError(BadUseError):
    """Two things that cannot be compared as they were named."""


@dataclass(frozen=True, slots=True)
class Side:
    """The finished sessions of one method of a run."""

    name: str
    """`RUN`, or `RUN:METHOD` of a run with several methods."""
    run: str
    sessions: Sequence[Session]
    """At least one, the oldest first."""


@dataclass(frozen=True, slots=True)
class Sides:
    """Two sides that can be compared."""

    runs: tuple[str, str]
    """Where the sessions of each are; one run may hold both."""
    pairing: Pairing
    """At least one pair."""


async def find_sides(workspace: Workspace, a: str, b: str) -> Sides:
    """Find two sides, each a `RUN` or a `RUN:METHOD`, and pair their finished sessions.

    Raises:
        UnknownIdError: if there is no such run or method.
        SideError: if a run of several methods is named without one, a session is on both sides, or
            no client is.
    """
    side_a, side_b = [await _find_one(workspace, name) for name in (a, b)]
    if {session.id for session in side_a.sessions} & {session.id for session in side_b.sessions}:
        raise SideError(f"{a} and {b} name the same sessions: name two runs, or two methods")
    pairing = pair_sessions(side_a.sessions, side_b.sessions)
    if not pairing.pairs:
        raise SideError(
            f"{a} and {b}: no client has a finished session in both with the same attitude. "
            "Compare runs that were generated from the same intake files"
        )
    return Sides((side_a.run, side_b.run), pairing)


async def list_sides(workspace: Workspace, names: Sequence[str]) -> list[Side]:
    """Find sides; a run of several methods stands for all of them, each a side of its own.

    Args:
        workspace: where they are stored.
        names: each a `RUN` or a `RUN:METHOD`; one that is named twice counts once.

    Raises:
        UnknownIdError: if there is no such run or method.
        SideError: if a run has no finished session.
    """
    found = [side for name in names for side in await _find_all(workspace, name)]
    return list({side.name: side for side in found}.values())


async def _find_one(workspace: Workspace, name: str) -> Side:
    first, *others = await _find_all(workspace, name)
    if others:
        methods = sorted(side.sessions[0].method for side in (first, *others))
        raise SideError(
            f"run {first.run} holds sessions of {', '.join(methods)}: name one of them, as in "
            f"{first.run}:{methods[0]}"
        )
    return first


async def _find_all(workspace: Workspace, name: str) -> list[Side]:
    """Give the sides that a name stands for, at least one."""
    runs = {run.name for run in await workspace.store.runs.list()}
    run, _, method = (name, "", "") if name in runs else name.rpartition(":")
    if run not in runs:
        raise UnknownIdError(f"no run is named {name!r}. 'magnet list' shows what there is.")
    _, sessions = await find_sessions(workspace, run)
    by_method: dict[str, list[Session]] = {}
    for session in sessions:
        by_method.setdefault(session.method, []).append(session)
    if method and method not in by_method:
        raise UnknownIdError(
            f"run {run} has no finished session of method {method!r}; there are "
            f"{', '.join(sorted(by_method)) or 'none'}."
        )
    if not sessions:
        raise SideError(
            f"run {run} has no finished session. Go on with it: magnet resume {run}{workspace.flag}"
        )
    wanted = [method] if method else list(by_method)
    several = len(by_method) > 1
    return [Side(f"{run}:{m}" if several else run, run, by_method[m]) for m in wanted]
