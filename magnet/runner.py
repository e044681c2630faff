"""Playing one session: from its start or from where it stopped, to its end."""

import secrets
from collections.abc import AsyncGenerator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, cast

from langchain_core.runnables import RunnableConfig
from langgraph.errors import GraphDrained
from langgraph.runtime import RunControl

from checkpoints import prune
from graph import super_steps
from magnet.models.endpoints import Endpoints
from magnet.redaction import redact
from magnet.workspace import Workspace
from nodes import CHECKS_OFF, Checks, SessionContext
from prompts import Layout, PromptBook
from state import Call, Client, SessionSettings, SessionState, SessionUpdate, start_session
from store import Journal, Session, SessionStatus, UnknownIdError


class SessionChangedError(RuntimeError):
    """A session cannot go on as it is: its method or prompts are not those that it began with."""


class SessionExistsError(ValueError):
    """A new session was to have an id that is taken."""


@dataclass(frozen=True, slots=True)
class NodeDone:
    """A node has finished; what it added to the state."""

    node: str
    update: SessionUpdate


Event = Call | NodeDone


def config_of(session_id: str, steps: int = 25) -> RunnableConfig:
    """Give LangGraph's configuration of a session: its id is its thread's.

    Args:
        session_id: the session.
        steps: super-steps that one invocation may take.
    """
    return RunnableConfig(configurable={"thread_id": session_id}, recursion_limit=steps)


def session_settings(
    workspace: Workspace, *, method: str | None = None, seed: int = 0
) -> SessionSettings:
    """Give the settings of a new session from those of the invocation."""
    settings = workspace.settings
    half = settings.turns // 2
    return SessionSettings(
        method=method or settings.method,
        turn_limit=settings.turns,
        min_turns=half if settings.min_turns is None else settings.min_turns,
        checks=settings.checks,
        log_calls=settings.log_calls,
        seed=seed,
    )


async def create_session(
    workspace: Workspace,
    client: Client,
    settings: SessionSettings,
    endpoints: Endpoints,
    *,
    session_id: str | None = None,
    run: str | None = None,
) -> Session:
    """Store a new session, ready to be played.

    Raises:
        MethodError: if there is no such method.
        SessionExistsError: if there is a session of this id.
    """
    method = workspace.method(settings.method)
    if session_id is not None:
        with suppress(UnknownIdError):
            await workspace.store.sessions.get(session_id)
            raise SessionExistsError(
                f"there is a session {session_id} already. Give another --session, or go on with "
                f"it: magnet resume {session_id}"
            )
    session = Session(
        id=session_id or secrets.token_hex(4),
        run=run,
        client=client,
        settings=settings,
        models=endpoints.by_role(method.agents),
        prompt_hash=workspace.prompts.version(method.agents.values()),
        prompt_layout=workspace.prompts.layout,
    )
    return await workspace.store.sessions.create(session)


async def read_state(workspace: Workspace, session: Session) -> SessionState | None:
    """Give a session's newest state from its checkpoints; none before its first step."""
    snapshot = await workspace.graph(session.method).aget_state(config_of(session.id))
    return cast(SessionState, snapshot.values) if snapshot.values else None


async def play_session(
    workspace: Workspace,
    session: Session,
    endpoints: Endpoints,
    *,
    control: RunControl | None = None,
) -> AsyncGenerator[Event]:
    """Play a session to its end, from its start or from its newest checkpoint.

    Yields each finished model call and node. A call that the session's log holds is not made
    again. When `control` asks to drain, the session stops after the running super-step and can be
    played on later; what is stored tells whether it has ended.

    Raises:
        SessionBusyError: if another process is playing it.
        SessionChangedError: if its prompts are not those that it began with.
        openai.OpenAIError: if an endpoint does not answer, after all retries.
        StoreError: if the database cannot be written.
    """
    method = workspace.method(session.method)
    prompts = _same_prompts(workspace, session)
    async with workspace.locks.hold(session.id):
        graph = workspace.graph(session.method)
        config = config_of(session.id, super_steps(method, session.settings.turn_limit))
        begun = await graph.aget_state(config)
        context = SessionContext(
            session=session.id,
            models=endpoints,
            prompts=prompts,
            journal=await Journal.open(workspace.store, session.id),
            checks=Checks() if session.settings.checks else CHECKS_OFF,
            keep_messages=session.settings.log_calls == "full",
        )
        given = None if begun.values else start_session(session.client, session.settings)
        if session.status is not SessionStatus.RUNNING:
            await workspace.store.sessions.reopen(session.id)
        try:
            # Not `begun.next`: that leaves out tasks whose writes were stored before a kill.
            if given is not None or "end" not in begun.values:
                async for kind, event in graph.astream(
                    given,
                    config,
                    context=context,
                    stream_mode=["custom", "updates"],
                    control=control or RunControl(),
                ):
                    if kind == "custom":
                        yield cast(Call, event)
                    else:
                        for node, update in cast(dict[str, Any], event).items():
                            yield NodeDone(node, update)
        except GraphDrained:
            return
        except Exception as error:
            # Where the database itself fails too, the first error is the one to tell.
            with suppress(Exception):
                state = await read_state(workspace, session)
                await workspace.store.sessions.fail(session.id, _describe(error), state)
            raise
        state = await read_state(workspace, session)
        if state is not None and "end" in state:
            await workspace.store.sessions.finish(session.id, state)
            await _tidy(workspace, session)


async def _tidy(workspace: Workspace, session: Session) -> None:
    """Drop what only an unfinished session needs, as far as the user wants."""
    if session.settings.log_calls != "full":
        await workspace.store.calls.forget_texts(session.id)
    await prune(workspace.checkpointer, session.id, workspace.settings.keep_checkpoints)


def _same_prompts(workspace: Workspace, session: Session) -> PromptBook:
    """Give the prompts that a session began with, or refuse."""
    prompts = workspace.prompts_in(cast(Layout, session.prompt_layout))
    found = prompts.version(workspace.method(session.method).agents.values())
    if found != session.prompt_hash:
        raise SessionChangedError(
            f"session {session.id} began with prompts of version {session.prompt_hash}; these are "
            f"{found}. Go on with the prompts that it began with (prompts_dir in magnet.toml, and "
            "the version of this program that made it), or start a new session"
        )
    return prompts


def _describe(error: Exception) -> str:
    return redact(f"{type(error).__name__}: {error}")
