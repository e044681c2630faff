"""What lasts: runs, sessions with their transcripts, and model calls, in SQLite or PostgreSQL."""

from store.errors import (
    AmbiguousIdError,
    RunSettingsError,
    SchemaTooNewError,
    StoreError,
    UnknownIdError,
)
from store.journal import Journal
from store.records import (
    CallTotals,
    Run,
    Session,
    SessionStatus,
    SessionSummary,
)
from store.store import Store, open_store
from store.urls import database_url

__all__ = [
    "AmbiguousIdError",
    "CallTotals",
    "Journal",
    "Run",
    "RunSettingsError",
    "SchemaTooNewError",
    "Session",
    "SessionStatus",
    "SessionSummary",
    "Store",
    "StoreError",
    "UnknownIdError",
    "database_url",
    "open_store",
]
