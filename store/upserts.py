"""Inserting rows whose key may be there already, on every database that the store knows."""

from importlib import import_module
from typing import Any

from sqlalchemy import URL, Insert, Table


def insert_or_keep(url: URL, table: Table) -> Insert:
    """Return the insert that leaves a row under its key as it is."""
    return _insert(url, table).on_conflict_do_nothing(index_elements=_key(table))


def insert_or_replace(url: URL, table: Table) -> Insert:
    """Return the insert that replaces a row under its key."""
    insert = _insert(url, table)
    return insert.on_conflict_do_update(
        index_elements=_key(table),
        set_={column.key: insert.excluded[column.key] for column in table.columns},
    )


def _insert(url: URL, table: Table) -> Any:
    # Only the dialect that is needed: PostgreSQL's takes longer to import than a list takes.
    dialect: Any = import_module(f"sqlalchemy.dialects.{url.get_backend_name()}")
    return dialect.insert(table)


def _key(table: Table) -> list[str]:
    return [column.key for column in table.primary_key]
