"""Replaying: a session made again from its recorded answers, without a model.

What differs then is the work of this program and not of a model: of its cleaning, its checks, its
routing. The prompts play no part; an answer is taken for the one that its node got at the time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NoReturn, cast

from langchain_core.language_models import BaseChatModel

from magnet.graph import build_graph, super_steps
from magnet.nodes import SessionContext
from magnet.prompts import Layout
from magnet.sessions.debugging.difference import Difference, compare_sessions
from magnet.sessions.runner import checks_of
from magnet.sessions.workspace import Workspace
from magnet.state import Call, CallKey, SessionState, exchanges_of, start_session
from magnet.state.errors import MagnetError
from magnet.store import Session


class ReplayGapError(MagnetError):
    """A session's call log lacks an answer that is needed."""


@dataclass(frozen=True, slots=True)
class Replay:
    """A session made again."""

    session: Session
    """As it is now made; not stored."""
    differences: tuple[Difference, ...]
    calls: int
    """Recorded answers that were used."""
    stopped: str | None
    """What is missing, where the record did not suffice for the whole session."""


class _Recorded:
    """The journal of a replay: every answer is there already."""

    def __init__(self, calls: Sequence[Call]) -> None:
        self._calls: Mapping[CallKey, Call] = {call.key: call for call in calls}
        self.used: set[CallKey] = set()

    def find(self, key: CallKey) -> Call | None:
        """Return the recorded answer; where the node was not asked so often, its last one again."""
        attempts = (key._replace(attempt=n) for n in range(key.attempt, -1, -1))
        found = next((one for one in attempts if one in self._calls), None)
        if found is None:
            return None
        self.used.add(found)
        return self._calls[found]

    async def record(self, call: Call) -> None:
        """Record nothing: no call is made."""


class _NoModels:
    """The models of a replay: there are none to ask."""

    def chat(self, agent: str) -> BaseChatModel:
        """Refuse: the record has no answer for this node."""
        return _missing(agent)

    def describe(self, agent: str) -> tuple[str, str]:
        """Refuse, likewise."""
        return _missing(agent)


def _missing(agent: str) -> NoReturn:
    raise ReplayGapError(f"the call log holds no answer for {agent} at this point")


async def replay_session(workspace: Workspace, session: Session) -> Replay:
    """Make a session again from its call log, and compare.

    Raises:
        ReplayGapError: if its answers were not kept, or a user has changed it by hand.
        MethodError: if there is no such method any more.
    """
    calls = await workspace.store.calls.of_session(session.id)
    if not calls or any(call.text is None for call in calls):
        raise ReplayGapError(
            f"session {session.id}: its model calls are not kept with their answers, as those of "
            "an imported session; or they are another session's, which it was forked from"
        )
    method = workspace.method(session.method)
    journal = _Recorded(calls)
    context = SessionContext(
        session=session.id,
        models=_NoModels(),
        prompts=workspace.prompts_of(method, cast(Layout, session.prompt_layout)),
        journal=journal,
        checks=checks_of(session),
    )
    graph = build_graph(method)
    state = start_session(session.client, session.settings)
    stopped: str | None = None
    try:
        async for values in graph.astream(
            state,
            {"recursion_limit": super_steps(method, session.settings.turn_limit)},
            context=context,
            stream_mode="values",
        ):
            state = cast(SessionState, values)
    except ReplayGapError as gap:
        stopped = str(gap)
    made = replace(
        session,
        plan=state.get("plan"),
        utterances=tuple(state["utterances"]),
        exchanges=tuple(exchanges_of(state)),
        end_reason=state.get("end"),
    )
    return Replay(made, tuple(compare_sessions(session, made)), len(journal.used), stopped)
