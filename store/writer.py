"""One thread that writes, and commits everything that waits in one transaction.

Hundreds of sessions record each model call and each checkpoint, and go on only when it is kept. A
commit of its own for each would be what they wait for; what queues up during one commit is the
next one's batch instead, so the number of commits follows the disk and not the number of sessions.
"""

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.sql.base import Executable

from magnet.state.waiting import ASK_AGAIN, Patience, is_gone
from magnet.store.errors import StoreError, explain

T = TypeVar("T")
Statement = str | Executable
Rows = Sequence[tuple[Any, ...]] | Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True, eq=False)
class _Insert:
    statement: Statement
    rows: Rows
    done: asyncio.Future[Any]


@dataclass(frozen=True, slots=True, eq=False)
class _Work:
    do: Callable[[Connection], Any]
    done: asyncio.Future[Any]


_Unit = _Insert | _Work
_Outcome = tuple[Any, Exception | None]


class Writer:
    """Writes for the tasks of one event loop.

    Each method returns when its rows are committed. Cancelling a caller does not take its rows
    back, and disturbs no other caller.
    """

    def __init__(self, engine: Engine, where: str):
        """Write with `engine`, which messages name `where`."""
        self._engine = engine
        self._where = where
        self._loop = asyncio.get_running_loop()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="store-writer")
        self._queue: list[_Unit] = []
        self._idle = asyncio.Event()
        self._idle.set()
        self._closed = False
        # Another program's server may be restarted; what is no server does not come back.
        self._patience = Patience() if engine.dialect.name == "postgresql" else None
        self.commits = 0

    async def write(self, statement: Statement, rows: Rows) -> None:
        """Execute a statement for rows that nothing else in the queue depends on.

        Args:
            statement: SQL in the driver's own form with tuples as rows, or a SQLAlchemy statement
                with mappings. The rows of equal statements are sent together, so a SQLAlchemy
                statement should be a constant.
            rows: At least one.

        Raises:
            StoreError: The rows were not committed.
        """
        await self._enqueue(_Insert(statement, rows, self._loop.create_future()))

    async def run(self, work: Callable[[Connection], T]) -> T:
        """Do work in the writing thread, after all that was queued before it.

        Args:
            work: Gets the connection inside a transaction. It may be called a second time, after
                a rollback, when other work in its batch failed or the server was restarted.

        Raises:
            StoreError: Nothing of it was committed. What `work` itself raises comes through.
        """
        return await self._enqueue(_Work(work, self._loop.create_future()))

    async def execute(self, statements: Sequence[tuple[Statement, Rows]]) -> None:
        """Execute statements, as `write` takes them, in this order and all or none of them."""
        await self.run(partial(_execute_all, statements))

    async def close(self) -> None:
        """Commit what is queued, then end the thread."""
        self._closed = True
        await self._idle.wait()
        self._thread.shutdown()
        self._engine.dispose()

    def _enqueue(self, unit: _Unit) -> asyncio.Future[Any]:
        if self._closed:
            raise StoreError(f"database {self._where}: it is closed already. Open it again.")
        self._queue.append(unit)
        if self._idle.is_set():
            self._idle.clear()
            # Not at once: the tasks that are ready in this turn of the loop join the batch.
            self._loop.call_soon(self._start_commit)
        return unit.done

    def _start_commit(self) -> None:
        batch, self._queue = self._queue, []
        if not batch:
            self._idle.set()
            return
        committing = self._loop.run_in_executor(self._thread, self._commit, batch)
        committing.add_done_callback(partial(self._resolve, batch))

    def _resolve(self, batch: Sequence[_Unit], committing: asyncio.Future[list[_Outcome]]) -> None:
        for unit, (result, error) in zip(batch, committing.result(), strict=True):
            if unit.done.done():
                continue
            if error is None:
                unit.done.set_result(result)
            else:
                unit.done.set_exception(error)
        self._start_commit()

    def _commit(self, batch: Sequence[_Unit]) -> list[_Outcome]:
        try:
            results = self._commit_patiently(batch)
            self.commits += 1
        except OperationalError as error:
            # The database itself fails (full, locked, gone): everyone who waits hears of it.
            return [(None, explain(error, self._where)) for _ in batch]
        except Exception as error:
            if len(batch) == 1:
                told = explain(error, self._where) if isinstance(error, SQLAlchemyError) else error
                return [(None, told)]
            # One unit is at fault; the others are innocent and are committed each for itself.
            return [outcome for unit in batch for outcome in self._commit([unit])]
        return [(result, None) for result in results]

    def _commit_patiently(self, batch: Sequence[_Unit]) -> list[Any]:
        while True:
            try:
                with self._engine.begin() as connection:
                    results = _execute_batch(connection, batch)
            except OperationalError as error:
                gone = error.connection_invalidated or is_gone(error.orig or error)
                if self._patience is None or not gone or not self._patience.lasts():
                    raise
            else:
                if self._patience is not None:
                    self._patience.reached()
                return results
            time.sleep(ASK_AGAIN)


def _execute_batch(connection: Connection, batch: Iterable[_Unit]) -> list[Any]:
    results: list[Any] = []
    gathered: dict[Statement, list[Any]] = {}
    for unit in batch:
        if isinstance(unit, _Insert):
            gathered.setdefault(unit.statement, []).extend(unit.rows)
            results.append(None)
        else:
            _execute_all(gathered.items(), connection)
            gathered = {}
            results.append(unit.do(connection))
    _execute_all(gathered.items(), connection)
    return results


def _execute_all(
    statements: Iterable[tuple[Statement, Sequence[Any]]], connection: Connection
) -> None:
    for statement, rows in statements:
        if isinstance(statement, str):
            connection.exec_driver_sql(statement, list(rows))
        else:
            connection.execute(statement, list(rows))
