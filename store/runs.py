"""Runs: named batches of sessions."""

from collections.abc import Mapping

from pydantic import JsonValue
from sqlalchemy import insert, select

from magnet.state.errors import Command
from magnet.store.database import Database
from magnet.store.errors import RunSettingsError, UnknownIdError
from magnet.store.records import Run
from magnet.store.rows import columns_of, record_of, row_of, table_of
from magnet.store.tables import RunRow

_TABLE = table_of(RunRow)
_INSERT = insert(_TABLE)


class Runs:
    """The runs of a store."""

    def __init__(self, database: Database):
        self._database = database

    async def create(self, run: Run) -> Run:
        """Store a new run.

        Raises:
            StoreError: There is one of this name, or the database cannot be written.
        """
        await self._database.writer.write(_INSERT, [row_of(run, _TABLE)])
        return run

    async def open(self, name: str, settings: Mapping[str, JsonValue]) -> Run:
        """Go on with the run of this name, or start it.

        Args:
            name: Chosen by the user.
            settings: All that decides what is generated.

        Raises:
            RunSettingsError: It was started with other settings.
            StoreError: The database cannot be read or written.
        """
        run = await self._find(name)
        if run is None:
            return await self.create(Run(name=name, settings=settings))
        if run.settings != settings:
            raise RunSettingsError(_difference(run, settings))
        return run

    async def get(self, name: str) -> Run:
        """Return the run of this name.

        Raises:
            UnknownIdError: There is none.
        """
        run = await self._find(name)
        if run is None:
            raise UnknownIdError(
                f"no run is named {name}. '{{list}}' shows what there is.", list=Command(("list",))
            )
        return run

    async def list(self) -> list[Run]:
        """Return all runs, the newest first."""
        query = select(*columns_of(Run, _TABLE)).order_by(RunRow.created.desc(), RunRow.name)
        return [record_of(Run, row) for row in await self._database.query(query)]

    async def _find(self, name: str) -> Run | None:
        query = select(*columns_of(Run, _TABLE)).where(RunRow.name == name)
        rows = await self._database.query(query)
        return record_of(Run, rows[0]) if rows else None


def _difference(run: Run, settings: Mapping[str, JsonValue]) -> str:
    names = sorted(
        name
        for name in run.settings.keys() | settings.keys()
        if run.settings.get(name) != settings.get(name)
    )
    changes = "; ".join(
        f"{name} was {run.settings.get(name)!r}, now {settings.get(name)!r}" for name in names
    )
    return (
        f"run {run.name} was started with other settings: {changes}. "
        "Give the settings that it was started with, or start a run of another name."
    )
