"""Reading the clients of sessions from intake files."""

from collections.abc import Sequence
from os import PathLike
from pathlib import Path

from magnet.sessions.example_forms import example_folder
from magnet.state import Attitude, Client
from magnet.state.errors import BadUseError, Option
from magnet.state.intake_choice import pick_client, select_clients
from magnet.state.intake_files import read_clients as read_files


def read_clients(
    path: str | PathLike[str] | None = None,
    *,
    attitudes: Sequence[str] | None = None,
    limit: int | None = None,
) -> list[Client]:
    """Read the clients of an intake file, or of all intake files in a folder.

    Args:
        path: CACTUS seeds (`.json`), a form (`.yaml`, `.yml`, `.json`), or a folder of such files.
            None reads the example forms that ship with the package.
        attitudes: For each person, one client for each of these: "positive", "neutral",
            "negative". None keeps the attitudes of the files.
        limit: Persons at most, counted from the first. None is all.

    Returns:
        At least one client, in the order of the files. A CACTUS file holds three seeds of each
        person, one for each attitude, with the same `number`.

    Raises:
        IntakeError: If a file cannot be used; it names every problem of every file.
        BadUseError: If there is no such attitude, or the limit is below 1.
    """
    if limit is not None and limit < 1:
        raise BadUseError(f"{{limit}}: expected at least 1, found {limit}", limit=Option("limit"))
    wanted = None if attitudes is None else [_attitude(name) for name in attitudes]
    clients = read_files(example_folder() if path is None else Path(path))
    return select_clients(clients, wanted, limit)


def read_client(
    path: str | PathLike[str] | None = None,
    client: str | int | None = None,
    *,
    attitude: str | None = None,
) -> Client:
    """Read one client of an intake file or folder.

    Args:
        path: As for `read_clients`.
        client: Number of the person from 1, or the name or a part of it. None is the first.
        attitude: "positive", "neutral" or "negative". None keeps that of the file.

    Returns:
        The client. A person without a seed of this attitude takes it on.

    Raises:
        IntakeError: If a file cannot be used, or not exactly one person has this number or name.
        BadUseError: If there is no such attitude.
    """
    place = example_folder() if path is None else Path(path)
    return pick_client(
        read_files(place),
        client=None if client is None else str(client),
        attitude=None if attitude is None else _attitude(attitude),
        path=place,
    )


def _attitude(name: str) -> Attitude:
    try:
        return Attitude(name)
    except ValueError as error:
        raise BadUseError(
            f"{{attitude}}: expected one of {', '.join(Attitude)}, found {name!r}",
            attitude=Option("attitude"),
        ) from error
