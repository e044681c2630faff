"""Reading the dialogues of CACTUS (arXiv 2407.03103).

An object has `thought`, `patterns`, `intake_form`, `cbt_technique`, `cbt_plan`, `attitude`, and
`dialogue`: one text, each utterance after `Counselor:` or `Client:` at the start of a line.
"""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import groupby
from typing import Any

from magnet.state.intake import Client
from magnet.state.intake_error import Problem, describe
from magnet.state.languages import ENGLISH, load_language
from magnet.state.utterance import Speaker, Utterance
from magnet.store.formats.draft import Draft, Place, client_of, spoken
from magnet.store.formats.errors import BrokenObjectError
from magnet.store.formats.format import Format, Reader
from magnet.store.source import Source

_EXPECTED = "text with 'Counselor: ...' and 'Client: ...' in turn, the counselor first"


@cache
def _label() -> re.Pattern[str]:
    words = load_language(ENGLISH).roles.speakers
    speakers = "|".join(f"(?P<{speaker.value}>{called})" for speaker, called in words.items())
    return re.compile(rf"^[ \t]*(?:{speakers})[ \t]*:[ \t]*", re.I | re.M)


def is_cactus(data: Mapping[str, Any]) -> bool:
    """Return whether an object is meant as a dialogue of CACTUS."""
    return "intake_form" in data and "dialogue" in data


def read_cactus(data: dict[str, Any], place: Place) -> Draft:
    """Read one dialogue; its first two utterances are the opening pair.

    Raises:
        BrokenObjectError: with every problem of its dialogue and its intake form.
    """
    texts = _texts(data["dialogue"])
    # A form is checked even where the dialogue is broken, so that all problems come at once.
    opening = texts or ["-", "-"]
    seed = {
        "AI_client": {"intake_form": data["intake_form"], "attitude": data.get("attitude")},
        "AI_counselor": {
            "CBT": {"init_history_counselor": opening[0], "init_history_client": opening[1]}
        },
    }
    problems: list[Problem] = []
    if not texts:
        at = place.field("dialogue")
        problems.append(Problem(place.file, at, describe(data["dialogue"]), _EXPECTED))
    try:
        client = client_of(seed, place, place.number)
    except BrokenObjectError as error:
        raise BrokenObjectError([*problems, *error.problems]) from error
    if problems:
        raise BrokenObjectError(problems)
    utterances = spoken(texts)
    source = Source.of(
        data,
        _fields(client, utterances),
        format="cactus",
        file=place.file.name,
        number=place.number,
    )
    return Draft(client=client, utterances=utterances, source=source)


def _fields(client: Client, utterances: Sequence[Utterance]) -> dict[str, Any]:
    seed = (client.source or {}).get("AI_client", {})
    dialogue = "\n".join(f"{u.speaker.value.capitalize()}: {u.text}" for u in utterances)
    return {**seed, "dialogue": dialogue}


def _texts(dialogue: object) -> list[str]:
    """Return what the two say in turn; nothing if the text is no such dialogue.

    Lines without a label, and labeled lines of one speaker in a row, are one utterance.
    """
    if not isinstance(dialogue, str):
        return []
    marks = list(_label().finditer(dialogue))
    if not marks or dialogue[: marks[0].start()].strip():
        return []
    ends = [*(mark.start() for mark in marks[1:]), len(dialogue)]
    said = [
        (str(mark.lastgroup), dialogue[mark.end() : end].strip())
        for mark, end in zip(marks, ends, strict=True)
    ]
    turns = [
        (speaker, "\n".join(text for _, text in lines))
        for speaker, lines in groupby(said, key=lambda line: line[0])
    ]
    opened = len(turns) > 1 and turns[0][0] == Speaker.COUNSELOR and turns[0][1] and turns[1][1]
    return [text for _, text in turns] if opened else []


CACTUS = Format(
    help="the dialogues of CACTUS",
    reader=Reader(
        expects="a dialogue of CACTUS (intake_form, attitude, dialogue)",
        is_meant=is_cactus,
        read=read_cactus,
    ),
)
