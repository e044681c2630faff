"""Playing one session: from its start or from where it stopped, to its end."""

import secrets
from collections.abc import AsyncGenerator, Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Protocol, cast, runtime_checkable

from langgraph.errors import GraphDrained
from langgraph.runtime import RunControl
from pydantic import JsonValue

from magnet.checkpoints import prune
from magnet.graph import super_steps
from magnet.models.endpoints import Endpoints
from magnet.models.redaction import redact
from magnet.nodes import CHECKS_OFF, Checks, Models, SessionContext
from magnet.prompts import Layout, PromptBook
from magnet.sessions.breakpoints import BreakpointError, Stop
from magnet.sessions.imported import refuse_imported
from magnet.sessions.session_state import config_of, newest_snapshot, read_state
from magnet.sessions.tracing import trace_callbacks
from magnet.sessions.workspace import Workspace
from magnet.state import (
    Call,
    Client,
    SessionSettings,
    SessionState,
    SessionUpdate,
    start_session,
)
from magnet.state.errors import BadUseError, Command, Option
from magnet.store import Journal, Session, SessionStatus, UnknownIdError


class SessionChangedError(BadUseError):
    """A session cannot go on as it is: its method or prompts are not those that it began with."""


class SessionExistsError(BadUseError):
    """A new session was to have an id that is taken."""


@dataclass(frozen=True, slots=True)
class NodeDone:
    """A node has finished; what it added to the state."""

    node: str
    update: SessionUpdate


@dataclass(frozen=True, slots=True)
class Stopped:
    """A breakpoint has been reached; these nodes run next."""

    nodes: tuple[str, ...]


Event = Call | NodeDone | Stopped


@runtime_checkable
class _Accountable(Protocol):
    """Models that can tell how they were asked."""

    def by_role(self, agents: Iterable[str]) -> dict[str, JsonValue]: ...


def session_settings(
    workspace: Workspace, *, method: str | None = None, seed: int = 0
) -> SessionSettings:
    """Return the settings of a new session from those of the invocation.

    Raises:
        MethodError: if there is no such method.
    """
    settings = workspace.settings
    half = settings.turns // 2
    played = workspace.method(method or settings.method)
    return SessionSettings(
        method=played.name,
        turn_limit=settings.turns,
        min_turns=half if settings.min_turns is None else settings.min_turns,
        checks=settings.checks,
        log_calls=settings.log_calls,
        seed=seed,
        director=settings.director if played.is_directed else None,
        techniques=played.technique_order,
    )


async def create_session(
    workspace: Workspace,
    client: Client,
    settings: SessionSettings,
    endpoints: Endpoints,
    *,
    session_id: str | None = None,
) -> Session:
    """Store a new session, ready to be played.

    Raises:
        MethodError: if there is no such method.
        SessionExistsError: if there is a session of this id.
    """
    method = workspace.method(settings.method)
    session = Session(
        id=await free_session_id(workspace, session_id),
        client=client,
        settings=settings,
        models=endpoints.by_role(method.agents),
        prompt_hash=workspace.prompts_of(method).version(method.agents.values()),
        prompt_layout=workspace.prompts.layout,
    )
    return await workspace.store.sessions.create(session)


async def free_session_id(workspace: Workspace, wanted: str | None) -> str:
    """Return the id of a new session: the wanted one, or a new one.

    Raises:
        SessionExistsError: if there is a session of this id.
    """
    if wanted is None:
        return secrets.token_hex(4)
    with suppress(UnknownIdError):
        await workspace.store.sessions.get(wanted)
        raise SessionExistsError(
            f"there is a session {wanted} already. Give another id with {{session}}, or go on with "
            "it: {resume}",
            session=Option("session"),
            resume=Command(("resume", wanted), database=workspace.named_database),
        )
    return wanted


async def play_session(
    workspace: Workspace,
    session: Session,
    models: Models,
    *,
    control: RunControl | None = None,
    stop: Stop | None = None,
) -> AsyncGenerator[Event]:
    """Play a session to its end, from its start or from its newest checkpoint.

    Yields each finished model call and node, and where a breakpoint stopped it. A call that the
    session's log holds is not made again. When `control` asks to drain, the session stops after
    the running super-step and can be played on later; what is stored tells whether it has ended.

    Args:
        workspace: the open database.
        session: the session.
        models: the model of each agent.
        control: when it asks to drain, the running super-step is the last.
        stop: where to stop before the end.

    Raises:
        SessionBusyError: if another process is playing it.
        BrokenSessionError: if its checkpoints do not fit together.
        ImportedError: if it is imported; its transcript stays as it is.
        SessionChangedError: if its prompts are not those that it began with.
        BreakpointError: if the condition of `stop` does not fit.
        openai.OpenAIError: if an endpoint does not answer, after all retries.
        StoreError: if the database cannot be written.
    """
    if session.run:
        refuse_imported(await workspace.store.runs.get(session.run))
    method = workspace.method(session.method)
    prompts = prompts_of(workspace, session)
    stop = stop or Stop()
    async with workspace.locks.hold(session.id):
        graph = workspace.graph(session.method)
        config = config_of(session.id, super_steps(method, session.settings.turn_limit))
        begun = await newest_snapshot(workspace, session)
        config["callbacks"] = trace_callbacks(session, models)
        context = SessionContext(
            session=session.id,
            models=models,
            prompts=prompts,
            journal=await Journal.open(workspace.store, session.id),
            checks=checks_of(session),
            keep_messages=session.settings.log_calls == "full",
        )
        given = None if begun.values else start_session(session.client, session.settings)
        if session.status is not SessionStatus.RUNNING:
            await workspace.store.sessions.reopen(session.id)
        try:
            # Not `begun.next`: that leaves out tasks whose writes were stored before a kill.
            going = given is not None or "end" not in begun.values
            while going:
                async for kind, event in graph.astream(
                    given,
                    config,
                    context=context,
                    stream_mode=["custom", "updates"],
                    control=control or RunControl(),
                    interrupt_before=stop.before,
                    interrupt_after=stop.after,
                ):
                    if kind == "custom":
                        yield cast(Call, event)
                    else:
                        for node, update in cast(dict[str, Any], event).items():
                            if node in method.agents:  # not LangGraph's note of an interrupt
                                # LangGraph reports a node that changed nothing as none.
                                yield NodeDone(node, update or {})
                here = await graph.aget_state(config)
                given, going = None, bool(here.next)
                if going and stop.reached(cast(SessionState, here.values), here.next):
                    yield Stopped(tuple(dict.fromkeys(here.next)))
                    return
        except GraphDrained:
            return
        except BreakpointError:
            raise  # the user's condition is at fault; the session stands and can be resumed
        except Exception as error:
            # Where the database itself fails too, the first error is the one to tell.
            with suppress(Exception):
                state = await read_state(workspace, session)
                await workspace.store.sessions.fail(session.id, _describe(error), state)
            raise
        state = await read_state(workspace, session)
        if state is not None and "end" in state:
            sent = models.by_role(method.agents) if isinstance(models, _Accountable) else None
            await workspace.store.sessions.finish(session.id, state, models=sent)
            await prune(workspace.checkpointer, session.id, workspace.settings.keep_checkpoints)


def checks_of(session: Session) -> Checks:
    """Return what is done about the answers of a session's models."""
    return Checks() if session.settings.checks else CHECKS_OFF


def prompts_of(workspace: Workspace, session: Session) -> PromptBook:
    """Return the prompts that a session began with.

    Raises:
        SessionChangedError: if they are others now.
    """
    method = workspace.method(session.method)
    prompts = workspace.prompts_of(method, cast(Layout, session.prompt_layout))
    found = prompts.version(method.agents.values())
    if found != session.prompt_hash:
        raise SessionChangedError(
            f"session {session.id} began with prompts of version {session.prompt_hash}; these are "
            f"{found}. Go on with the prompts that it began with (prompts_dir in magnet.toml, and "
            "the version of this program that made it), or start a new session"
        )
    return prompts


def _describe(error: Exception) -> str:
    return redact(f"{type(error).__name__}: {error}")
