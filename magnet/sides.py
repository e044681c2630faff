"""What is compared with what: the sessions of two runs, or of two methods, paired by client."""

from dataclasses import dataclass

from evals.preference.pairing import Pairing, pair_sessions
from magnet.in_out import find_sessions
from magnet.workspace import Workspace
from store import Session, UnknownIdError


class SideError(ValueError):
    """Two things that cannot be compared as they were named."""


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
    run_a, side_a = await _find_side(workspace, a)
    run_b, side_b = await _find_side(workspace, b)
    if {session.id for session in side_a} & {session.id for session in side_b}:
        raise SideError(f"{a} and {b} name the same sessions: name two runs, or two methods")
    pairing = pair_sessions(side_a, side_b)
    if not pairing.pairs:
        raise SideError(
            f"{a} and {b}: no client has a finished session in both with the same attitude. "
            "Compare runs that were generated from the same intake files"
        )
    return Sides((run_a, run_b), pairing)


async def _find_side(workspace: Workspace, name: str) -> tuple[str, list[Session]]:
    runs = {run.name for run in await workspace.store.runs.list()}
    run, _, method = (name, "", "") if name in runs else name.rpartition(":")
    if run not in runs:
        raise UnknownIdError(f"no run is named {name!r}. 'magnet list' shows what there is.")
    _, sessions = await find_sessions(workspace, run)
    methods = sorted({session.method for session in sessions})
    if method:
        if method not in methods:
            raise UnknownIdError(
                f"run {run} has no finished session of method {method!r}; there are "
                f"{', '.join(methods) or 'none'}."
            )
        return run, [session for session in sessions if session.method == method]
    if len(methods) > 1:
        raise SideError(
            f"run {run} holds sessions of {', '.join(methods)}: name one of them, as in "
            f"{run}:{methods[0]}"
        )
    return run, sessions
