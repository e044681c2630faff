"""Column types that carry the project's values in and out of the database."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, TypeVar

from pydantic import TypeAdapter
from sqlalchemy import JSON, DateTime, Dialect, Enum
from sqlalchemy.types import TypeDecorator

E = TypeVar("E", bound=StrEnum)


class Stored(TypeDecorator[Any]):
    """A value that Pydantic can write as JSON and read back."""

    impl = JSON(none_as_null=True)
    cache_ok = True

    def __init__(self, adapter: TypeAdapter[Any]):
        """Store what `adapter` describes."""
        super().__init__()
        self.adapter = adapter

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        """Return the value as plain JSON data."""
        return None if value is None else self.adapter.dump_python(value, mode="json")

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        """Check and rebuild the value."""
        return None if value is None else self.adapter.validate_python(value)


class UtcTime(TypeDecorator[datetime]):
    """A point in time with its zone; SQLite keeps none, so it is stored there in UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the time in UTC."""
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the time with its zone."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def words(enum: type[E]) -> Enum:
    """Return the column type of an enumeration: its values as text."""
    return Enum(enum, native_enum=False, length=32, values_callable=_values)


def _values(enum: type[StrEnum]) -> list[str]:
    return [member.value for member in enum]
