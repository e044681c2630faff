"""A database that is open: its writer, and queries."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import URL, Executable, RowMapping
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from magnet.store.errors import explain
from magnet.store.urls import shown
from magnet.store.writer import Writer


@dataclass(frozen=True, slots=True)
class Database:
    """What the repositories share."""

    url: URL
    reader: AsyncEngine
    writer: Writer

    async def query(self, query: Executable) -> Sequence[RowMapping]:
        """Return all rows of a query. What a caller has awaited from the writer is among them.

        Raises:
            StoreError: The database cannot be read.
        """
        try:
            async with self.reader.connect() as connection:
                return (await connection.execute(query)).mappings().all()
        except SQLAlchemyError as error:
            raise explain(error, shown(self.url)) from error
