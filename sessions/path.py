"""The path that a session took through its method's graph, and what each node of it cost."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise, product
from typing import cast

from langgraph.constants import END, START

from magnet.graph import Method
from magnet.graph.drawing import NodeMark, Step
from magnet.nodes import agent_of, stages_of
from magnet.sessions.session_state import config_of
from magnet.sessions.workspace import Workspace
from magnet.state import Candidate, ExchangeRecord
from magnet.store import CallTotals, Session, SessionStatus


@dataclass(frozen=True, slots=True)
class SessionPath:
    """What `graph.drawing.draw` shows of a session."""

    marks: Mapping[str, NodeMark]
    taken: frozenset[Step]


async def find_path(workspace: Workspace, session: Session) -> SessionPath:
    """Return the path of a session, as `magnet.sessions.load_session` reads it, up to now.

    Raises:
        MethodError: if its method is not in the table.
    """
    method = workspace.method(session.method)
    snapshot = await workspace.graph(session.method).aget_state(config_of(session.id))
    totals = await workspace.store.calls.totals_by_node(session.id)
    return path_of(session, method, upcoming=snapshot.next, totals=totals)


def path_of(
    session: Session,
    method: Method,
    *,
    upcoming: Collection[str] = (),
    totals: Mapping[str, CallTotals] | None = None,
) -> SessionPath:
    """Read a session's path from its record.

    Args:
        session: with its exchanges so far.
        method: what it plays.
        upcoming: the nodes that run next.
        totals: the session's calls by node. Those that a forked session shares with its parent are
            the parent's, so it may show fewer calls than runs.
    """
    steps = _super_steps(session, method)
    runs = Counter(node for step in steps for node in step)
    costs = totals or {}
    marks = {
        node: NodeMark(
            state="next" if node in upcoming else "done" if runs[node] else "skipped",
            note=_account(runs[node], costs.get(node, CallTotals())) if runs[node] else None,
        )
        for node in method.agents
    }
    end = session.end_reason.value if session.end_reason else None
    marks[END] = NodeMark("done" if runs[END] else "skipped", end)
    taken = {pair for before, after in pairwise(steps) for pair in product(before, after)}
    return SessionPath(marks, frozenset(taken))


def _super_steps(session: Session, method: Method) -> list[list[str]]:
    """Return the nodes that ran, super-step by super-step, START and END included."""
    once, exchange = stages_of(method.agents)
    steps = [[START], *([node for node in nodes if _ran(node, session)] for nodes in once)]
    for record in session.exchanges:
        steps += [[node for node in nodes if _ran(node, record)] for nodes in exchange]
    steps.append([END] if session.status is SessionStatus.FINISHED else [])
    return [step for step in steps if step]


def _ran(node: str, record: Session | ExchangeRecord) -> bool:
    """Return whether a session, or an exchange of it, holds what a node makes."""
    agent = agent_of(node)
    made: object = getattr(record, agent.writes, None)
    if agent.many:
        return node in {draft.technique for draft in cast(Iterable[Candidate], made or ())}
    return made is not None


def _account(runs: int, totals: CallTotals) -> str:
    if not totals.calls:
        return f"{runs}x"
    calls = f", {totals.calls} calls" if totals.calls != runs else ""
    usage = totals.usage
    return (
        f"{runs}x{calls}, {totals.seconds:.1f} s\n"
        f"{_short(usage.prompt)} tokens in, {_short(usage.completion)} out"
    )


def _short(count: int) -> str:
    return str(count) if count < 1000 else f"{count / 1000:.1f}k"
