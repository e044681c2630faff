"""A session's checkpoints as a tree: each with what ran, what changed and what it cost."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

from langgraph.types import StateSnapshot

from magnet.checkpoints import CheckpointError, HistoryRows, nodes_run
from magnet.sessions.session_state import config_of
from magnet.sessions.workspace import Workspace
from magnet.state import SessionState, Usage, total_usage
from magnet.state.errors import BadUseError, Command
from magnet.state.values import Item, name_of
from magnet.store import Session, SessionSummary


class PointError(BadUseError):
    """A point that a session's history does not have, or has twice."""


_ID_END = 6
"""Letters of a checkpoint's id that are enough to name it; less may be a step's number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One checkpoint of a session: the state after a super-step, the start or an edit."""

    checkpoint: str
    parent: str | None
    number: int
    """Super-step, as LangGraph counts: 0 is the start."""
    nodes: tuple[str, ...]
    """What ran to make it."""
    next: tuple[str, ...]
    """What runs after it."""
    edited: bool
    """Whether a user made it."""
    turn: int
    changed: tuple[str, ...]
    """What is new or different since its parent."""
    calls: int
    usage: Usage
    """Of the model calls behind the values that are new."""
    created: datetime
    state: SessionState = field(repr=False)
    forks: tuple[str, ...] = ()
    """Sessions that were forked from here."""


@dataclass(frozen=True, slots=True)
class Timeline:
    """The steps of a session, oldest first."""

    session: Session
    steps: tuple[Step, ...]

    @property
    def head(self) -> Step:
        """Where the session stands: its newest checkpoint."""
        return self.steps[-1]

    def parent(self, step: Step) -> Step | None:
        """Return the step before; none before the first."""
        return next((one for one in self.steps if one.checkpoint == step.parent), None)

    def path(self, step: Step | None = None) -> list[Step]:
        """Return the steps that lead to one, and it; those of the head if none is given."""
        found = [step or self.head]
        while (before := self.parent(found[-1])) is not None:
            found.append(before)
        return found[::-1]

    def after(self, step: Step) -> Step | None:
        """Return the step that followed; where the session branches, on the way to the head."""
        children = [one for one in self.steps if one.parent == step.checkpoint]
        on_path = {one.checkpoint for one in self.path()}
        children.sort(key=lambda one: (one.checkpoint in on_path, one.checkpoint))
        return children[-1] if children else None

    def find(self, point: str) -> Step:
        """Find a step by its number on the way to the head, `turn:N`, or its checkpoint's id.

        Raises:
            PointError: if there is none, or an id's start fits several.
        """
        path = self.path()
        kind, _, turn = point.rpartition(":")
        if kind == "turn":
            found = [step for step in path if str(step.turn) == turn][:1]
        else:
            found = [step for step in path if str(step.number) == point]
            if len(point) >= _ID_END and not found:
                found = [step for step in self.steps if step.checkpoint.endswith(point)]
        if len(found) != 1:
            numbers = ", ".join(str(step.number) for step in path)
            raise PointError(
                f"session {self.session.id} has {'no' if not found else 'more than one'} step "
                f"{point!r}: give one of {numbers}; turn:N for the utterance of a turn; or the "
                "last letters of a checkpoint's id. '{history}' shows them",
                history=Command(("history", self.session.id)),
            )
        return found[0]

    def tree(self) -> Iterator[tuple[int, Step]]:
        """Yield the steps with the branch that each is on; 0 is the way to the head."""
        on_path = {step.checkpoint for step in self.path()}
        branches: dict[str, int] = {}
        count = 0
        for step in self.steps:
            if step.checkpoint in on_path:
                branch = 0
            elif of_parent := branches.get(step.parent or ""):
                branch = of_parent
            else:
                branch = count = count + 1
            branches[step.checkpoint] = branch
            yield branch, step


async def read_timeline(workspace: Workspace, session: Session) -> Timeline:
    """Read a session's history, whether it runs, has stopped or has ended.

    Raises:
        PointError: if it has no checkpoints: it is imported, or was never played.
    """
    graph = workspace.graph(session.method)
    saver = workspace.checkpointer
    if not isinstance(saver, HistoryRows):
        raise CheckpointError(f"{type(saver).__name__} gives no history")
    rows = {row.id: row for row in await saver.checkpoint_rows(session.id)}
    forks = _forks(session, await workspace.store.sessions.list())
    steps: dict[str, Step] = {}
    snapshots = [one async for one in graph.aget_state_history(config_of(session.id))]
    for snapshot in reversed(snapshots):
        state = cast(SessionState, snapshot.values)
        place: Mapping[str, Any] = snapshot.config.get("configurable", {})
        row = rows.get(place["checkpoint_id"])
        if row is None or not state.get("utterances"):
            continue  # the input before it is read, or a step that has been added since
        before = steps.get(row.parent or "")
        calls, usage = _since(state, before)
        steps[row.id] = Step(
            checkpoint=row.id,
            parent=before.checkpoint if before else None,
            number=row.step,
            nodes=tuple(nodes_run(row, rows)) if _source(snapshot) == "loop" else (),
            next=tuple(dict.fromkeys(snapshot.next)),
            edited=_source(snapshot) == "update",
            turn=state["utterances"][-1].turn,
            changed=tuple(changes(before.state if before else None, state)),
            calls=calls,
            usage=usage,
            created=datetime.fromisoformat(snapshot.created_at or ""),
            state=state,
            forks=tuple(forks.get(row.id, ())),
        )
    if not steps:
        raise PointError(
            f"session {session.id} has no history: it is imported or has not begun. "
            "'{show}' prints what there is",
            show=Command(("show", session.id)),
        )
    return Timeline(session, tuple(steps.values()))


def changes(before: SessionState | None, after: SessionState) -> list[str]:
    """Name what two states of a session differ in, as `magnet.state.values` names values."""
    if before is None:
        return []
    whole = ("client", "settings", "plan", "end")
    found: list[str] = [name for name in whole if before.get(name) != after.get(name)]
    known = {name_of(item): item for item in _items(before)}
    return found + [name_of(item) for item in _items(after) if known.get(name_of(item)) != item]


def _items(state: SessionState) -> Iterator[Item]:
    yield from state.get("candidates", ())
    yield from state.get("selections", ())
    yield from state.get("affects", ())
    yield from state.get("directions", ())
    yield from state["utterances"]


def _since(state: SessionState, before: Step | None) -> tuple[int, Usage]:
    calls, usage = total_usage(state)
    if before is None:
        return calls, usage
    known_calls, known = total_usage(before.state)
    return calls - known_calls, Usage(
        prompt=max(0, usage.prompt - known.prompt),
        cached=max(0, usage.cached - known.cached),
        completion=max(0, usage.completion - known.completion),
    )


def _source(snapshot: StateSnapshot) -> str:
    metadata: Mapping[str, Any] = snapshot.metadata or {}
    return str(metadata.get("source", ""))


def _forks(session: Session, all_sessions: list[SessionSummary]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for one in all_sessions:
        if one.parent == session.id and one.parent_checkpoint:
            found.setdefault(one.parent_checkpoint, []).append(one.id)
    return found
