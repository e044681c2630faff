"""What every reader of a foreign format gives: the parts of a session that its file decides."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from magnet.state.intake import Client
from magnet.state.intake_cactus import clients_of_seeds
from magnet.state.intake_error import IntakeError
from magnet.state.utterance import Speaker, Utterance
from magnet.store.formats.errors import BrokenObjectError
from magnet.store.source import Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A session as a foreign file tells it."""

    client: Client
    utterances: tuple[Utterance, ...]
    source: Source


@dataclass(frozen=True, slots=True)
class Place:
    """Where an object stands: its file, its name in messages, and its number if it has one."""

    file: Path
    name: str  # "line 3"; empty where the file is the object
    number: int | None

    def field(self, *path: object) -> str:
        """Name a field of the object."""
        return " > ".join(str(part) for part in (self.name, *path) if part != "")


def spoken(texts: Sequence[str]) -> tuple[Utterance, ...]:
    """Make utterances of texts that counselor and client say in turn, the counselor first."""
    speakers = (Speaker.COUNSELOR, Speaker.CLIENT)
    return tuple(
        Utterance(index=index, speaker=speakers[index % 2], text=text)
        for index, text in enumerate(texts)
    )


def client_of(seed: dict[str, Any], place: Place, number: int | None) -> Client:
    """Make the client of a CACTUS seed.

    Raises:
        BrokenObjectError: with every problem of the seed.
    """
    try:
        (client,) = clients_of_seeds([seed], place.file)
    except IntakeError as error:
        raise BrokenObjectError(
            [
                replace(
                    problem,
                    place=place.field(problem.place.removeprefix("seed 1").removeprefix(" > ")),
                )
                for problem in error.problems
            ]
        ) from error
    return client.model_copy(update={"number": number})
