"""The graph that `langgraph.json` names, for `langgraph dev` and LangGraph Studio.

It stands here and not in `graph/` because a graph on its own has no models. Its input is a request
in plain JSON; settings come from `magnet.toml` and `MAGNET_*` variables.
"""

import asyncio
from pathlib import Path
from typing import TypedDict

from magnet.graph import Begin, SessionGraph, build_graph, load_methods, pick_method
from magnet.models.endpoints import Endpoints
from magnet.models.settings import load_settings
from magnet.nodes import CHECKS_OFF, Checks, SessionContext
from magnet.prompts import PromptBook
from magnet.sessions.example_forms import default_intake
from magnet.state import Attitude, SessionSettings, SessionState, start_session
from magnet.state.intake_choice import pick_client
from magnet.state.intake_files import read_clients


class SessionRequest(TypedDict, total=False):
    """What to play; every field has a default."""

    intake: str
    """Path of an intake file."""
    name: str
    """Number or name of a client in it."""
    attitude: str
    turns: int
    seed: int


async def make_graph() -> SessionGraph:
    """Return the graph of the settings' method, with the settings' models."""
    # LangGraph's server refuses what blocks its event loop, as reading a file does.
    return await asyncio.to_thread(_build)


def _build() -> SessionGraph:
    settings = load_settings()
    method = pick_method(load_methods(settings.methods_file), settings.method)
    context = SessionContext(
        session="",
        models=Endpoints(settings, agents=method.agents),
        prompts=PromptBook(settings.layout, settings.prompts_dir).about(method.techniques),
        checks=Checks() if settings.checks else CHECKS_OFF,
    )

    for agent in method.agents:
        context.models.chat(agent)

    def start(request: SessionRequest) -> SessionState:
        path = Path(request["intake"]) if "intake" in request else default_intake()
        attitude = Attitude(request["attitude"]) if "attitude" in request else None
        client = pick_client(
            read_clients(path), client=request.get("name"), attitude=attitude, path=path
        )
        turns = request.get("turns", settings.turns)
        fixed = SessionSettings(
            method=method.name,
            turn_limit=turns,
            min_turns=turns // 2 if settings.min_turns is None else settings.min_turns,
            checks=settings.checks,
            seed=request.get("seed", 0),
            director=settings.director if method.is_directed else None,
            techniques=method.technique_order,
        )
        return start_session(client, fixed)

    async def begin(request: SessionRequest) -> SessionState:
        return await asyncio.to_thread(start, request)

    return build_graph(method, context=context, begin=Begin(SessionRequest, begin))
