"""What can go wrong with checkpoints and locks, each with its remedy."""

from collections.abc import Generator
from contextlib import contextmanager

from sqlalchemy import URL

from magnet.state.errors import Extra, MagnetError


class CheckpointError(MagnetError):
    """Checkpoints cannot be read or written."""


class SessionBusyError(CheckpointError):
    """Another process is running the session."""


class LockLostError(CheckpointError):
    """A lock is gone while it was held: another process may be running the session by now."""


def busy(session_id: str) -> SessionBusyError:
    """Return the error for a session whose lock another process holds."""
    return SessionBusyError(
        f"session {session_id}: another process is running it. "
        "Wait until it has ended, or stop it; then resume."
    )


@contextmanager
def postgres_needed(url: URL) -> Generator[None]:
    """Return what to install where the modules for PostgreSQL cannot be imported.

    Raises:
        CheckpointError: The block raised an `ImportError`.
    """
    try:
        yield
    except ImportError as error:
        raise CheckpointError(
            f"database {url.set(query={}).render_as_string()}: what PostgreSQL needs is not "
            f"installed ({error}). Install it: {{extra}}",
            extra=Extra("postgres"),
        ) from error
