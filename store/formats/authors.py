"""The JSON of MAGneT's authors: sessions that they published, or that their generator wrote."""

import json
from collections.abc import Mapping
from typing import Any, cast

from magnet.state.intake_error import Problem, describe
from magnet.state.utterance import Speaker
from magnet.store.authors_format import authors_fields, to_authors_format
from magnet.store.formats.draft import Draft, Place, client_of, spoken
from magnet.store.formats.errors import BrokenObjectError
from magnet.store.formats.format import FilePerSession, Format, Reader
from magnet.store.formats.numbers import person_of
from magnet.store.records import Session, SessionStatus
from magnet.store.source import Source

_DIALOGUE = ("dialogue", "history")
_SEED = ("AI_client", "AI_counselor", "ground_truth_CBT")
_SHORTEST = 2


def is_authors(data: Mapping[str, Any]) -> bool:
    """Return whether an object is meant as a session of the authors'."""
    return bool({"example", *_SEED} & data.keys()) and bool(data.keys() & {*_DIALOGUE})


def read_authors(data: dict[str, Any], place: Place) -> Draft:
    """Read one session.

    Raises:
        BrokenObjectError: with every problem of its dialogue and its seed.
    """
    field = next(name for name in _DIALOGUE if name in data)
    problems: list[Problem] = []
    texts: list[str] = []
    try:
        texts = _texts(data[field], place, field)
    except BrokenObjectError as error:
        problems += error.problems
    seed = data["example"] if "example" in data else {k: data[k] for k in _SEED if k in data}
    try:
        client = client_of(seed, place, None)
    except BrokenObjectError as error:
        raise BrokenObjectError([*problems, *error.problems]) from error
    if problems:
        raise BrokenObjectError(problems)
    if place.number is not None:
        number = person_of(place.number, client.attitude)
        client = client.model_copy(update={"number": number})
    utterances = spoken(texts)
    source = Source.of(
        data,
        authors_fields(client, utterances),
        format="magnet",
        file=place.file.name,
        number=place.number,
    )
    return Draft(client=client, utterances=utterances, source=source)


def _texts(data: object, place: Place, field: str) -> list[str]:
    lines = _list(data)
    if len(lines) < _SHORTEST:
        expected = "a list of {role, message}, at least the opening pair"
        raise BrokenObjectError([Problem(place.file, place.field(field), describe(data), expected)])
    texts: list[str] = []
    problems: list[Problem] = []
    for index, line in enumerate(lines):
        said = cast(dict[str, object], line) if isinstance(line, dict) else {}
        role, text = said.get("role"), said.get("message")
        speaker = (Speaker.COUNSELOR, Speaker.CLIENT)[index % 2]
        if role != speaker:
            expected = f"{speaker.value!r}: the two take turns and the counselor begins"
            at = place.field(field, index + 1, "role")
            problems.append(Problem(place.file, at, describe(role), expected))
        if isinstance(text, str):
            texts.append(text)
        else:
            at = place.field(field, index + 1, "message")
            problems.append(Problem(place.file, at, describe(text), "text"))
    if problems:
        raise BrokenObjectError(problems)
    return texts


def _list(data: object) -> list[object]:
    return cast(list[object], data) if isinstance(data, list) else []


def _written(data: dict[str, Any]) -> str:
    return json.dumps(data, ensure_ascii=False, indent=4) + "\n"


def _text(session: Session) -> str:
    data = to_authors_format(session)
    if session.status is not SessionStatus.FINISHED:
        data["unfinished"] = True
    return _written(data)


AUTHORS = Format(
    help="the authors' JSON, a file a session",
    write=FilePerSession(text=_text, alone=lambda session: _written(to_authors_format(session))),
    reader=Reader(
        expects="a session of MAGneT (AI_client, AI_counselor, dialogue; or example, history)",
        is_meant=is_authors,
        read=read_authors,
    ),
)
