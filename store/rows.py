"""Between records and rows: a record's fields have the names of its table's columns."""

from collections.abc import Sequence
from dataclasses import fields
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, RowMapping, Table

from magnet.store.tables import Base

T = TypeVar("T")


def table_of(row: type[Base]) -> Table:
    """Return the table of a mapped class."""
    return Base.metadata.tables[row.__tablename__]


def row_of(record: object, table: Table) -> dict[str, Any]:
    """Return a record as a row with every column of the table."""
    return {column.key: getattr(record, column.key) for column in table.columns}


def columns_of(record: type[Any], table: Table) -> Sequence[ColumnElement[Any]]:
    """Return the columns that a record of this type is made from."""
    return [table.columns[field.name] for field in fields(record)]


def record_of(record: type[T], row: RowMapping) -> T:
    """Make a record from the columns that `columns_of` selected."""
    return record(**row)
