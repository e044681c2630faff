"""What lasts: runs, sessions with their transcripts, and model calls, in SQLite or PostgreSQL."""

from magnet.store.errors import (
    AmbiguousIdError,
    RunSettingsError,
    SchemaTooNewError,
    SchemaTooOldError,
    StoreError,
    UnknownIdError,
)
from magnet.store.journal import Journal
from magnet.store.records import (
    CallTotals,
    Run,
    Session,
    SessionStatus,
    SessionSummary,
)
from magnet.store.store import Store, open_store
from magnet.store.urls import database_url

__all__ = [
    "AmbiguousIdError",
    "CallTotals",
    "Journal",
    "Run",
    "RunSettingsError",
    "SchemaTooNewError",
    "SchemaTooOldError",
    "Session",
    "SessionStatus",
    "SessionSummary",
    "Store",
    "StoreError",
    "UnknownIdError",
    "database_url",
    "open_store",
]
