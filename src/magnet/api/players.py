"""The part of a workspace that plays sessions."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Unpack

from langgraph.runtime import RunControl

from magnet.api import jobs
from magnet.api.opened import OpenedWorkspace, several
from magnet.api.options import PlayOptions, SessionOptions, settings_over
from magnet.api.playing import Playing, RunOutcome
from magnet.models.settings import Role, Settings
from magnet.sessions.batch import Watch
from magnet.sessions.estimate import Estimate
from magnet.state import Client
from magnet.store import Session


class PlayingWorkspace(OpenedWorkspace):
    """A workspace in which sessions are played."""

    async def play(self, client: Client, **options: Unpack[PlayOptions]) -> Session:
        """Play a new session to its end.

        When it is canceled, what was played so far is stored, and `resume` goes on from there.

        Args:
            client: Who is counseled, as `read_clients` returns them.
            options: `method`, `turns`, `seed` and the others of `PlayOptions`.

        Returns:
            The session as it is stored; `usage` counts its tokens.

        Raises:
            MethodError: If there is no such method.
            SessionExistsError: If there is a session of this id.
            BreakpointError: If `stop_at` or `stop_when` does not fit the method.
            SettingsError, EndpointError, ModelDownloadError, ModelStartError: If a setting cannot
                be used or a model cannot be had.
            StoreError: If the database cannot be written.
        """
        return await self.stream(client, **options).finish()

    def stream(self, client: Client, **options: Unpack[PlayOptions]) -> Playing[Session]:
        """Play a new session, and tell what happens in it as it happens.

        Args:
            client: Who is counseled.
            options: As for `play`.

        Returns:
            The events, to be iterated over with `async for`; their `finish()` returns the session.

        Raises:
            SettingsError: If a setting cannot be used. The iteration raises the other errors of
                `play`.
        """
        given = dict(options)
        job = jobs.Start(
            client=client,
            seed=options.get("seed", 0),
            session_id=options.get("session_id"),
            stop_at=options.get("stop_at", ()),
            stop_when=options.get("stop_when", ""),
        )
        for name in ("seed", "session_id", "stop_at", "stop_when"):
            given.pop(name, None)
        settings = settings_over(self.settings, given, "play")

        async def play(watch: Watch, control: RunControl) -> Session:
            return await jobs.play_one(replace(self.rooms, settings=settings), job, watch, control)

        return self._playing(play)

    def generate(
        self,
        clients: Sequence[Client],
        run: str,
        methods: str | Sequence[str] = ("magnet",),
        *,
        turns: int | None = None,
        seed: int = 0,
        concurrency: int | None = None,
        **settings: Unpack[SessionOptions],
    ) -> Playing[RunOutcome]:
        """Generate a run: every client by every method. The same call again goes on with it.

        Iterate over the result to follow what happens, or call its `finish()`. A session that
        cannot go on is stored with its reason, and the others go on.

        Args:
            clients: As `read_clients` returns them.
            run: Name of the run.
            methods: Name of a method, or several.
            turns: Turn limit, an even number; None takes the workspace's.
            seed: The seeds of the sessions derive from it; a client has the same one in every
                method.
            concurrency: Sessions at once; None takes the workspace's.
            settings: Of this run, over those of the workspace.

        Returns:
            The events of all sessions; their `finish()` returns what has become of the run.

        Raises:
            SettingsError: If a setting cannot be used. The iteration raises what concerns the
                whole run: `MethodError`, `RunSettingsError` if it was started with other settings,
                `RunBusyError` if another process is playing it, `EndpointError`, `StoreError`.
        """
        given = {"turns": turns, "concurrency": concurrency, **settings}
        own = settings_over(self.settings, given, "generate")
        job = jobs.Batch(clients=clients, run=run, methods=several(methods), seed=seed)

        async def play(watch: Watch, control: RunControl) -> RunOutcome:
            workspace = replace(self.rooms, settings=own)
            return RunOutcome.of(await jobs.play_batch(workspace, job, watch, control))

        return self._playing(play)

    async def estimate(
        self,
        clients: Sequence[Client],
        methods: str | Sequence[str] = ("magnet",),
        *,
        turns: int | None = None,
        **settings: Unpack[SessionOptions],
    ) -> list[Estimate]:
        """Estimate what a run will take, without asking a model or storing anything.

        Args:
            clients: As for `generate`.
            methods: As for `generate`.
            turns: As for `generate`.
            settings: As for `generate`.

        Returns:
            For each method its sessions, model calls, tokens, and cost where prices are known.

        Raises:
            MethodError: If there is no such method.
            SettingsError: If a setting cannot be used.
        """
        own = settings_over(self.settings, {"turns": turns, **settings}, "estimate")
        job = jobs.Batch(clients=clients, run="estimate", methods=several(methods), seed=0)
        return await jobs.estimate_batch(replace(self.rooms, settings=own), job)

    def resume(
        self,
        name: str | None = None,
        *,
        model: str | None = None,
        models: Mapping[Role, str] | None = None,
    ) -> Playing[RunOutcome]:
        """Go on with a run or a session where it stopped, on the models that it began with.

        Args:
            name: A run, or a session's id or its start. None goes on with all that is unfinished,
                one session after the other.
            model: Another model for every role.
            models: Other models for single roles.

        Returns:
            The events of all sessions; their `finish()` returns what has become of them.

        Raises:
            SettingsError: If a model cannot be used. The iteration raises `UnknownIdError` and
                `AmbiguousIdError` if not exactly one session has this id, `ImportedError` if it is
                imported, `SessionChangedError` if its prompts are others now, `SessionBusyError`
                or `RunBusyError` if another process is playing it, `EndpointError`, `StoreError`.
        """

        def reassign(settings: Settings) -> Settings:
            return settings_over(settings, {"model": model, "models": models}, "resume")

        reassign(self.settings)  # so that a model that cannot be one is told here

        async def play(watch: Watch, control: RunControl) -> RunOutcome:
            if name is None:
                return RunOutcome.of(await jobs.resume_all(self.rooms, reassign, watch, control))
            return RunOutcome.of(
                await jobs.resume_named(self.rooms, name, reassign, watch, control)
            )

        return self._playing(play)
