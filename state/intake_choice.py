"""Choosing clients of an intake file: one for a session, or many for a batch."""

import difflib
from collections.abc import Sequence
from itertools import groupby, islice
from pathlib import Path

from magnet.state.attitude import Attitude
from magnet.state.intake import Client
from magnet.state.intake_error import IntakeError, Problem

_SHOWN = 8


def pick_client(
    clients: Sequence[Client], *, client: str | None, attitude: Attitude | None, path: Path
) -> Client:
    """Pick one client.

    Args:
        clients: at least one, as `read_clients` gives them.
        client: a number ("7" is the seventh person), or a name or a part of one in any case; None
            is the first person.
        attitude: the seed of this attitude, whose opening fits it; a person without such a seed
            takes the attitude on with the opening of its first. None is the person's first seed.
        path: where the clients are from, for messages.

    Raises:
        IntakeError: no person, or more than one, has this number or name.
    """
    persons = _persons(clients)
    seeds = persons[0] if client is None else _find(persons, client, path)
    return seeds[0] if attitude is None else _with_attitude(seeds, attitude)


def select_clients(
    clients: Sequence[Client], attitudes: Sequence[Attitude] | None, limit: int | None
) -> list[Client]:
    """Select clients for a batch: for each person, one for each attitude.

    Args:
        clients: as `read_clients` gives them.
        attitudes: as for `pick_client`; None keeps every seed as its file has it.
        limit: persons, counted from the first; None is all.
    """
    return [
        client
        for seeds in islice(_persons(clients), limit)
        for client in (
            seeds
            if attitudes is None
            else [_with_attitude(seeds, attitude) for attitude in attitudes]
        )
    ]


def _persons(clients: Sequence[Client]) -> list[list[Client]]:
    # The form is part of the key because files read one by one each number from 1.
    return [list(seeds) for _, seeds in groupby(clients, key=lambda c: (c.number, c.form))]


def _with_attitude(seeds: Sequence[Client], attitude: Attitude) -> Client:
    for seed in seeds:
        if seed.attitude is attitude:
            return seed
    return seeds[0].model_copy(update={"attitude": attitude})


def _find(persons: Sequence[list[Client]], wanted: str, path: Path) -> list[Client]:
    name = wanted.strip().casefold()
    for exact in (
        [seeds for seeds in persons if str(seeds[0].number) == name],
        [seeds for seeds in persons if seeds[0].form.name.casefold() == name],
        [seeds for seeds in persons if name in seeds[0].form.name.casefold()],
    ):
        if len(exact) == 1:
            return exact[0]
        if exact:
            found = f"more than one client: {_listing(exact)}"
            expected = "one: give its number or more of its name"
            raise IntakeError([Problem(path, f"client {wanted!r}", found, expected)])
    expected = f"a number from 1 to {persons[-1][0].number} or a name in the file"
    if alike := _alike(persons, name):
        expected += f"; perhaps {_listing(alike)}"
    raise IntakeError([Problem(path, f"client {wanted!r}", "no such client", expected)])


def _alike(persons: Sequence[list[Client]], name: str) -> list[list[Client]]:
    """Find the persons whose name, or a word of it, is spelled nearly like this."""
    names = [seeds[0].form.name.casefold() for seeds in persons]
    words = {word for whole in names for word in (whole, *whole.split())}
    close = set(difflib.get_close_matches(name, words, n=_SHOWN, cutoff=0.7))
    return [
        seeds
        for seeds, whole in zip(persons, names, strict=True)
        if close & {whole, *whole.split()}
    ]


def _listing(persons: Sequence[list[Client]]) -> str:
    shown = ", ".join(f"{seeds[0].number} {seeds[0].form.name}" for seeds in persons[:_SHOWN])
    return f"{shown}, ..." if len(persons) > _SHOWN else shown
