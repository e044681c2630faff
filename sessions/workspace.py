"""What every command works in: an open database with its checkpoints, methods and prompts."""

from collections.abc import AsyncGenerator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from langgraph.checkpoint.base import BaseCheckpointSaver

from magnet.checkpoints import SessionLocks, open_checkpointer, open_locks
from magnet.graph import Method, MethodError, SessionGraph, build_graph, load_methods, pick_method
from magnet.models.settings import Settings, default_database
from magnet.nodes import agent_of, agents
from magnet.nodes.director.parts import check_texts
from magnet.prompts import Layout, PromptBook
from magnet.store import Store, open_store
from magnet.store.urls import shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Workspace:
    """One open database, and the settings that it was opened with."""

    settings: Settings
    store: Store
    checkpointer: BaseCheckpointSaver[str]
    locks: SessionLocks
    methods: Mapping[str, Method]
    books: dict[Layout, PromptBook] = field(default_factory=dict[Layout, PromptBook])
    graphs: dict[str, SessionGraph] = field(default_factory=dict[str, SessionGraph])

    def graph(self, method: str) -> SessionGraph:
        """Return a method's graph over this database's checkpoints, compiled once.

        Raises:
            MethodError: if there is no such method.
        """
        if method not in self.graphs:
            self.graphs[method] = build_graph(self.method(method), checkpointer=self.checkpointer)
        return self.graphs[method]

    def prompts_in(self, layout: Layout) -> PromptBook:
        """Return the prompts in a layout, read once."""
        if layout not in self.books:
            book = PromptBook(layout, self.settings.prompts_dir)
            check_texts(book)
            self.books[layout] = book
        return self.books[layout]

    def prompts_of(self, method: Method, layout: Layout | None = None) -> PromptBook:
        """Return the prompts of a method's sessions, in the layout of new ones or another."""
        return self.prompts_in(layout or self.settings.layout).about(method.techniques)

    @property
    def prompts(self) -> PromptBook:
        """The prompts of new sessions."""
        return self.prompts_in(self.settings.layout)

    @property
    def place(self) -> str:
        """The database as the user knows it: a file, or a URL without its password."""
        return shown(self.store.url)

    @property
    def named_database(self) -> str | None:
        """What a command needs to be told to find this database again; none for the default."""
        return None if self.settings.db == default_database() else self.place

    def method(self, name: str) -> Method:
        """Return a method by name.

        Raises:
            MethodError: if there is none, or a prompt of it shows what no agent of it makes.
            PromptError: if there is no prompt of a name that it uses.
        """
        method = pick_method(self.methods, name)
        has = {agent_of(node).name for node in method.agents}
        for agent, prompt in method.agents.items():
            for sight in self.prompts.sees(prompt):
                makers = [one.name for one in agents().values() if sight in one.shows]
                if makers and has.isdisjoint(makers):
                    raise MethodError(
                        f"[{name}] {agent}: its prompt {prompt!r} shows {sight}, and the method "
                        f"has no {' or '.join(makers)}"
                    )
        return method

    def agents_of(self, methods: Iterable[str]) -> set[str]:
        """Return the agents of all these methods together.

        Raises:
            MethodError, PromptError: as `method` does.
        """
        return {agent for name in methods for agent in self.method(name).agents}


@asynccontextmanager
async def open_workspace(settings: Settings) -> AsyncGenerator[Workspace]:
    """Open the database and read the methods and prompts.

    Raises:
        StoreError, CheckpointError: if the database cannot be opened.
        MethodError, PromptError: if a file of the user's cannot be used.
    """
    methods = load_methods(settings.methods_file)
    async with (
        open_store(settings.db) as store,
        open_checkpointer(store.url, store.writer) as checkpointer,
        open_locks(store.url) as locks,
    ):
        workspace = Workspace(
            settings=settings,
            store=store,
            checkpointer=checkpointer,
            locks=locks,
            methods=methods,
        )
        workspace.prompts_in(settings.layout)
        yield workspace
