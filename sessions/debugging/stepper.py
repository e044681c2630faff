"""Walking through a session: along what has been played, and on from where it stands.

Where the session stands, a step plays one; further back, it shows what was played. A change where
the session stands is made in it. A change further back would leave what followed without its
ground, so it is made in a new session that is forked there, and the walk goes on in that one.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Self

from langchain_core.messages import BaseMessage

from magnet.models.endpoints import Endpoints
from magnet.nodes import Stage, agents
from magnet.nodes.director.telling import messages_for
from magnet.sessions.batch import with_models
from magnet.sessions.breakpoints import ANY, Stop
from magnet.sessions.debugging.editing import edit_head
from magnet.sessions.debugging.forking import fork_session
from magnet.sessions.debugging.rerunning import Rerun, last_run, rerun_node
from magnet.sessions.debugging.timeline import PointError, Step, Timeline, read_timeline
from magnet.sessions.runner import Event, play_session, prompts_of
from magnet.sessions.session_state import read_state
from magnet.sessions.workspace import Workspace
from magnet.state import Call, SessionUpdate
from magnet.state.values import document_of, update_to, value_at, with_value
from magnet.store import Session, SessionStatus

Pace = Literal["step", "exchange", "end"]


def _stop(pace: Pace) -> Stop:
    if pace == "exchange":
        last = [name for name, agent in agents().items() if agent.stage is Stage.ANSWER]
        return Stop(after=last)
    return Stop(after=ANY) if pace == "step" else Stop()


@dataclass(frozen=True, slots=True)
class AskedAgain:
    """What a node is asked, or was asked and answered."""

    node: str
    messages: Sequence[BaseMessage]
    """Of the first attempt."""
    calls: tuple[Call, ...]
    """All attempts, with raw answers; none where the node has still to run."""


class Stepper:
    """A walk through one session. Close it to close its models."""

    def __init__(self, workspace: Workspace, session: Session, timeline: Timeline) -> None:
        """Begin where the session stands; `open` reads its history."""
        self.workspace = workspace
        self.session = session
        self.timeline = timeline
        self.position: Step = timeline.head
        self.offered: Rerun | None = None
        """The newest second run of a node, which `keep` puts into the session."""
        self._endpoints: Endpoints | None = None

    @classmethod
    async def open(cls, workspace: Workspace, session: Session) -> Self:
        """Open a session, a new one before its first step.

        Raises:
            SessionBusyError: if it is new and another process begins it.
            ImportedError, PointError: if it is imported.
        """
        unbegun = await read_state(workspace, session) is None
        if unbegun and session.status is not SessionStatus.FINISHED:
            async for _ in play_session(
                workspace, session, Endpoints(workspace.settings), stop=Stop(before=ANY)
            ):
                pass
        return cls(workspace, session, await read_timeline(workspace, session))

    @property
    def at_head(self) -> bool:
        """Whether nothing has been played after this position."""
        return self.timeline.after(self.position) is None

    async def aclose(self) -> None:
        """Close the connections to models."""
        if self._endpoints is not None:
            await self._endpoints.aclose()

    async def advance(
        self, pace: Pace, watch: Callable[[Event], None] = lambda _: None
    ) -> list[Step]:
        """Go on by one super-step, to the end of an exchange, or to the end.

        Returns:
            The steps that were passed, the new position last; none at the end of the session.

        Raises:
            SessionBusyError: if another process is playing the session.
            openai.OpenAIError: if an endpoint does not answer.
        """
        if self.at_head and self.position.next:
            begun = self.position
            endpoints = await self._ready()
            async for event in play_session(
                self.workspace, self.session, endpoints, stop=_stop(pace)
            ):
                watch(event)
            await self._reread()
            passed = self.timeline.path()
            return passed[[step.checkpoint for step in passed].index(begun.checkpoint) + 1 :]
        passed: list[Step] = []
        while (following := self.timeline.after(self.position)) is not None:
            self.position = following
            passed.append(following)
            if pace == "step" or (pace == "exchange" and "client" in following.nodes):
                break
        return passed

    def back(self, steps: int) -> None:
        """Go back by so many steps, or as many as there are."""
        path = self.timeline.path(self.position)
        self.position = path[max(0, len(path) - 1 - steps)]

    def go_to(self, point: str) -> None:
        """Go to a step: see `Timeline.find`.

        Raises:
            PointError: if there is no such step.
        """
        self.position = self.timeline.find(point)

    def value(self, name: str = "") -> object:
        """Return a value of the state here by name, or all of them.

        Raises:
            ValueNameError: if there is none.
        """
        document = document_of(self.position.state)
        return value_at(document, name) if name else document

    async def set(self, name: str, value: object) -> bool:
        """Change a value here; tell whether this began a new session.

        Raises:
            ValueNameError: if there is no such value, or the new one does not fit.
            SessionBusyError: if another process is playing the session.
        """
        document = with_value(document_of(self.position.state), name, value)
        return await self._write(update_to(self.position.state, document))

    async def rerun(
        self,
        node: str,
        *,
        seed: int | None = None,
        temperature: float | None = None,
        model: str | None = None,
        prompt: Path | None = None,
    ) -> Rerun:
        """Run a node again: see `rerun_node`. `keep` takes over what it gives.

        Raises:
            PointError: if the node has not run up to here.
            SettingsError, PromptError: if what is to change cannot be used.
        """
        self.offered = await rerun_node(
            self.workspace,
            self.session,
            self.timeline,
            self.position,
            node,
            seed=seed,
            temperature=temperature,
            model=model,
            prompt=prompt,
        )
        return self.offered

    async def keep(self) -> bool:
        """Put what the node gave the second time into the session, right after its first run.

        Returns:
            Whether this began a new session: it does where something was played since.

        Raises:
            PointError: if no node was run again.
            SessionBusyError: if another process is playing the session.
        """
        if self.offered is None:
            raise PointError("no node has been run again: rerun one first")
        _, self.position = last_run(self.timeline, self.position, self.offered.node)
        branched = await self._write(self.offered.after)
        self.offered = None
        return branched

    async def branch(self, session_id: str | None = None) -> Session:
        """Begin a new session here, and go on in it.

        Raises:
            SessionExistsError: if there is a session of this id.
        """
        self.session = await fork_session(
            self.workspace, self.session, self.position, session_id=session_id
        )
        await self._forget_models()
        if await read_state(self.workspace, self.session) is None:
            opened = await Stepper.open(self.workspace, self.session)
            self.timeline, self.position = opened.timeline, opened.position
        else:
            await self._reread()
        return self.session

    async def asked(self, node: str) -> AskedAgain:
        """Return the exact messages of a node: of its last run up to here, or of its run to come.

        Raises:
            PointError: if the node has neither run nor comes next.
        """
        prompt = self.workspace.method(self.session.method).agents.get(node, "")
        prompts = prompts_of(self.workspace, self.session)
        if node in self.position.next:
            return AskedAgain(node, messages_for(prompts, prompt, self.position.state), ())
        before, _ = last_run(self.timeline, self.position, node)
        exchange = (before.state["utterances"][-1].index + 1) // 2
        calls = await self._calls(exchange, node)
        return AskedAgain(node, messages_for(prompts, prompt, before.state), calls)

    async def _calls(self, exchange: int, node: str) -> tuple[Call, ...]:
        """Return the calls of a node in an exchange; a fork's first ones are its parent's."""
        session: str | None = self.session.id
        while session is not None:
            calls = await self.workspace.store.calls.of_session(session)
            found = tuple(c for c in calls if (c.exchange, c.node) == (exchange, node))
            if found:
                return found
            session = (await self.workspace.store.sessions.get(session)).parent
        return ()

    async def _write(self, update: SessionUpdate) -> bool:
        if not update:
            return False
        branches = not self.at_head
        if branches:
            await self.branch()
        async with self.workspace.locks.hold(self.session.id):
            await edit_head(self.workspace, self.session, update)
        await self._reread()
        return branches

    async def _reread(self) -> None:
        self.session = await self.workspace.store.sessions.get(self.session.id)
        self.timeline = await read_timeline(self.workspace, self.session)
        self.position = self.timeline.head

    async def _ready(self) -> Endpoints:
        if self._endpoints is None:
            begun = with_models(self.workspace.settings, self.session.models)
            layout = {"layout": self.session.prompt_layout}
            self._endpoints = Endpoints(begun.model_copy(update=layout))
        await self._endpoints.prepare(self.workspace.method(self.session.method).agents)
        return self._endpoints

    async def _forget_models(self) -> None:
        await self.aclose()
        self._endpoints = None
