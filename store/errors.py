"""What can go wrong with the store, each with its remedy."""

from magnet.state.errors import BadUseError, MagnetError, Option


class StoreError(MagnetError):
    """The database could not be read or written. The message names it and the remedy."""


class SchemaTooNewError(StoreError):
    """The database was written by a newer version of this software."""


class SchemaTooOldError(StoreError):
    """The database was written by a version from before the first release."""


class ForeignDatabaseError(StoreError, BadUseError):
    """The file is the database of another program."""


class UnknownIdError(StoreError, BadUseError):
    """No session or run has this id."""


class AmbiguousIdError(StoreError, BadUseError):
    """Several sessions have ids that start like this."""


class RunSettingsError(StoreError, BadUseError):
    """A run of this name exists and was started with other settings."""


# Driver messages (SQLite's, mostly) by a fragment of them, and what helps.
_REMEDIES = (
    ("disk is full", "Free some space (or name another file with {db}) and resume."),
    ("disk i/o error", "Check the disk: its space, quota and health; then resume."),
    ("database is locked", "Another process keeps writing to it. Wait for it, then resume."),
    ("readonly database", "Make the file and its folder writable, or name another with {db}."),
    ("unable to open", "Check that the folder exists and is writable, or name another with {db}."),
    ("not a database", "It is no SQLite file, or a damaged one. Name another with {db}."),
    ("malformed", "The file is damaged. Restore it from a backup, or name another with {db}."),
    ("unique constraint", "It is stored already. Use another id."),
    ("foreign key constraint", "Create the session (and its run) before what belongs to it."),
)
_ANY_OTHER = "Check that the database is there and reachable, then resume."


def explain(error: Exception, where: str) -> StoreError:
    """Return a driver's error as one that names the database and the remedy.

    Args:
        error: What the driver or SQLAlchemy raised.
        where: The file or URL of the database, without a password.
    """
    # SQLAlchemy appends the statement and its parameters; the user needs the driver's line alone.
    reason = str(getattr(error, "orig", None) or error)
    found = (remedy for fragment, remedy in _REMEDIES if fragment in reason.lower())
    return StoreError(
        f"database {where}: {reason.strip()}. {next(found, _ANY_OTHER)}", db=Option("db")
    )
