"""What is compared with what: the sessions of runs, or of methods of runs, paired by client."""

from collections.abc import Sequence
from dataclasses import dataclass

from magnet.evals.preference.pairing import Pairing, pair_sessions
from magnet.sessions.transfer import find_sessions
from magnet.sessions.workspace import Workspace
from magnet.state.errors import BadUseError, Command
from magnet.store import Session, UnknownIdError


class ArmError(BadUseError):
    """Two things that cannot be compared as they were named."""


@dataclass(frozen=True, slots=True)
class Arm:
    """The finished sessions of one method of a run."""

    name: str
    """`RUN`, or `RUN:METHOD` of a run with several methods."""
    run: str
    sessions: Sequence[Session]
    """At least one, the oldest first."""


@dataclass(frozen=True, slots=True)
class Arms:
    """Two arms that can be compared."""

    runs: tuple[str, str]
    """Where the sessions of each are; one run may hold both."""
    pairing: Pairing
    """At least one pair."""


async def find_arms(workspace: Workspace, a: str, b: str) -> Arms:
    """Find two arms, each a `RUN` or a `RUN:METHOD`, and pair their finished sessions.

    Raises:
        UnknownIdError: if there is no such run or method.
        ArmError: if a run of several methods is named without one, a session is on both arms, or
            no client is.
    """
    arm_a, arm_b = [await _find_one(workspace, name) for name in (a, b)]
    if {session.id for session in arm_a.sessions} & {session.id for session in arm_b.sessions}:
        raise ArmError(f"{a} and {b} name the same sessions: name two runs, or two methods")
    pairing = pair_sessions(arm_a.sessions, arm_b.sessions)
    if not pairing.pairs:
        raise ArmError(
            f"{a} and {b}: no client has a finished session in both with the same attitude. "
            "Compare runs that were generated from the same intake files"
        )
    return Arms((arm_a.run, arm_b.run), pairing)


async def list_arms(workspace: Workspace, names: Sequence[str]) -> list[Arm]:
    """Find arms; a run of several methods stands for all of them, each an arm of its own.

    Args:
        workspace: where they are stored.
        names: each a `RUN` or a `RUN:METHOD`; one that is named twice counts once.

    Raises:
        UnknownIdError: if there is no such run or method.
        ArmError: if a run has no finished session.
    """
    found = [arm for name in names for arm in await _find_all(workspace, name)]
    return list({arm.name: arm for arm in found}.values())


async def _find_one(workspace: Workspace, name: str) -> Arm:
    first, *others = await _find_all(workspace, name)
    if others:
        methods = sorted(arm.sessions[0].method for arm in (first, *others))
        raise ArmError(
            f"run {first.run} holds sessions of {', '.join(methods)}: name one of them, as in "
            f"{first.run}:{methods[0]}"
        )
    return first


async def _find_all(workspace: Workspace, name: str) -> list[Arm]:
    """Return the arms that a name stands for, at least one."""
    runs = {run.name for run in await workspace.store.runs.list()}
    run, _, method = (name, "", "") if name in runs else name.rpartition(":")
    if run not in runs:
        raise UnknownIdError(
            f"no run is named {name!r}. '{{list}}' shows what there is.", list=Command(("list",))
        )
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
        raise ArmError(
            f"run {run} has no finished session. Go on with it: {{resume}}",
            resume=Command(("resume", run), database=workspace.named_database),
        )
    wanted = [method] if method else list(by_method)
    several = len(by_method) > 1
    return [Arm(f"{run}:{m}" if several else run, run, by_method[m]) for m in wanted]
