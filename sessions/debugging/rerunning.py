"""Running one node of a session again, on the state that it saw, with something changed."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from langgraph.runtime import Runtime

from magnet.graph import nodes_of
from magnet.models.endpoints import Endpoints, role_of
from magnet.models.roles import Sampling
from magnet.nodes import SessionContext
from magnet.sessions.batch import with_models
from magnet.sessions.debugging.timeline import PointError, Step, Timeline
from magnet.sessions.runner import checks_of, prompts_of
from magnet.sessions.workspace import Workspace
from magnet.state import Call, SessionState, SessionUpdate, Utterance
from magnet.store import Session


@dataclass(frozen=True, slots=True)
class Rerun:
    """What a node gave, and what it gives now."""

    node: str
    before: SessionUpdate
    after: SessionUpdate
    calls: tuple[Call, ...]
    """Those that the second run made."""


@dataclass(slots=True)
class _Kept:
    """A journal that keeps the calls of one run, to show them."""

    calls: list[Call] = field(default_factory=list[Call])

    def find(self, key: object) -> None:
        """Return nothing: the node is to be asked anew."""

    async def record(self, call: Call) -> None:
        """Keep a call."""
        self.calls.append(call)


def last_run(timeline: Timeline, at: Step, node: str) -> tuple[Step, Step]:
    """Find where a node ran last on the way to a step: the steps before and after it.

    Raises:
        PointError: if it has not run.
    """
    path = timeline.path(at)
    for before, after in zip(path[-2::-1], path[:0:-1], strict=True):
        if node in after.nodes:
            return before, after
    ran = sorted({name for step in path for name in step.nodes})
    raise PointError(
        f"session {timeline.session.id}: no node {node!r} has run up to here; there are "
        f"{', '.join(ran) or 'none'}. After a session has ended only the ends of its exchanges "
        "are kept, unless keep_checkpoints is all"
    )


async def rerun_node(
    workspace: Workspace,
    session: Session,
    timeline: Timeline,
    at: Step,
    node: str,
    *,
    seed: int | None = None,
    temperature: float | None = None,
    model: str | None = None,
    prompt: Path | None = None,
) -> Rerun:
    """Run a node again on the state that its last run up to a step saw; nothing is stored.

    Args:
        workspace: the open database.
        session: the session.
        timeline: its history.
        at: the step to look back from.
        node: the node.
        seed: in the place of the session's.
        temperature: in the place of the role's.
        model: model id in the place of the role's.
        prompt: a prompt file in the place of the node's.

    Raises:
        PointError: if the node has not run.
        SettingsError, PromptError: if what is to change cannot be used.
        openai.OpenAIError: if the endpoint does not answer.
    """
    before, after = last_run(timeline, at, node)
    method = workspace.method(session.method)
    begun = with_models(workspace.settings, session.models)
    role = role_of(node)
    own = begun.sampling.get(role, Sampling())
    changed = begun.model_copy(
        update={
            "layout": session.prompt_layout,
            "models": {**begun.models, **({role: model} if model else {})},
            "sampling": {
                **begun.sampling,
                role: own
                if temperature is None
                else own.model_copy(update={"temperature": temperature}),
            },
        }
    )
    state: SessionState = before.state
    if seed is not None:
        settings = state["settings"].model_copy(update={"seed": seed})
        state = {**state, "settings": settings}
    prompts = prompts_of(workspace, session)
    if prompt is not None:
        prompts = prompts.with_prompt(method.agents[node], prompt)
    journal = _Kept()
    endpoints = Endpoints(changed)
    try:
        await endpoints.prepare([node])
        context = SessionContext(
            session=session.id,
            models=endpoints,
            prompts=prompts,
            journal=journal,
            checks=checks_of(session),
            keep_messages=True,
        )
        update = await nodes_of(method)[node](state, Runtime(context=context))
    finally:
        await endpoints.aclose()
    return Rerun(node, _written(after, update), update, tuple(journal.calls))


def _written(after: Step, update: SessionUpdate) -> SessionUpdate:
    """Return what the first run wrote in the places that the second one writes to."""
    found: dict[str, Any] = {}
    for name, value in update.items():
        old: Any = after.state.get(name)
        if isinstance(value, list):
            keys = {item.key for item in cast(list[Utterance], value)}
            found[name] = [item for item in old or () if item.key in keys]
        elif old is not None:
            found[name] = old
    return cast(SessionUpdate, found)
