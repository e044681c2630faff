"""Bytes of SQLite that a session's checkpoints take, with delta channels and with plain lists.

    python -m benchmarks.checkpoint_bytes

Both graphs are fed the same items by the same nodes; only the channels differ. Plain lists are
stored whole again at each super-step, so they grow with the square of the session's length.
"""

import asyncio
import operator
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any, TypedDict

from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from langgraph.graph import END, START, StateGraph
from rich.console import Console
from rich.table import Table

from magnet.checkpoints.serde import state_serializer
from magnet.sessions.example_forms import default_intake
from magnet.state import (
    Candidate,
    Client,
    Provenance,
    SessionSettings,
    SessionState,
    Speaker,
    Utterance,
    current_exchange,
    start_session,
)
from magnet.state.intake_files import read_clients
from magnet.state.technique import packaged_techniques

TURNS = (10, 20, 40, 80, 160)
UTTERANCE = "a sentence of about as many words as one says in a session " * 5


class PlainState(TypedDict, total=False):
    """The session's state on LangGraph's plain channels."""

    client: Client
    settings: SessionSettings
    candidates: Annotated[list[Candidate], operator.add]
    utterances: Annotated[list[Utterance], operator.add]


def build(schema: type[Any], turns: int) -> StateGraph[Any, Any, Any, Any]:
    """Build a graph of the session's shape whose nodes only write."""
    graph = StateGraph(schema)

    def draft(technique: str) -> Callable[[Any], Any]:
        async def node(state: Any) -> Any:
            made = Provenance(seed=1)
            exchange = current_exchange(state)
            return {
                "candidates": [
                    Candidate(
                        exchange=exchange, technique=technique, text=UTTERANCE, provenance=made
                    )
                ]
            }

        return node

    def say(speaker: Speaker) -> Callable[[Any], Any]:
        async def node(state: Any) -> Any:
            index = len(state["utterances"])
            said = Utterance(
                index=index, speaker=speaker, text=UTTERANCE, provenance=Provenance(seed=1)
            )
            return {"utterances": [said]}

        return node

    names = list(packaged_techniques())
    for technique in packaged_techniques():
        graph.add_node(technique, draft(technique))
        graph.add_edge(START, technique)
    graph.add_node("fusion", say(Speaker.COUNSELOR))
    graph.add_node("reply", say(Speaker.CLIENT))
    graph.add_edge(names, "fusion")
    graph.add_edge("fusion", "reply")
    graph.add_conditional_edges(
        "reply",
        lambda state: END if len(state["utterances"]) >= turns + 2 else names,
        [*names, END],
    )
    return graph


async def measure(schema: type[Any], turns: int) -> int:
    """Return the size of the database after a session of so many turns."""
    client = read_clients(default_intake())[0]
    with TemporaryDirectory() as folder:
        path = Path(folder) / "checkpoints.db"
        async with AsyncSqliteSaver.from_conn_string(str(path)) as saver:
            saver.serde = state_serializer()
            await (
                build(schema, turns)
                .compile(checkpointer=saver)
                .ainvoke(
                    start_session(client, SessionSettings(turn_limit=turns)),
                    {"configurable": {"thread_id": "one"}, "recursion_limit": 10_000},
                )
            )
            await saver.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return path.stat().st_size


async def main() -> None:
    """Print the table."""
    table = Table(
        "turns", "delta channels, bytes", "a turn", "plain lists, bytes", "a turn", "ratio"
    )
    for turns in TURNS:
        delta = await measure(SessionState, turns)
        plain = await measure(PlainState, turns)
        table.add_row(
            str(turns),
            f"{delta:,}",
            f"{delta / turns:,.0f}",
            f"{plain:,}",
            f"{plain / turns:,.0f}",
            f"{plain / delta:.2f}",
        )
    Console().print(table)


if __name__ == "__main__":
    asyncio.run(main())
