"""Client seeds as CACTUS publishes them (arXiv 2407.03103, its evaluation set).

A seed is `{AI_client: {intake_form, attitude, ...}, AI_counselor: {CBT: {init_history_counselor,
init_history_client, ...}, ...}, ...}`. Its intake form is one text: personal data as
`Label: value`, then the numbered sections 2 to 6. A person has a seed for each attitude, one after
the other.
"""

import re
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, Field, TypeAdapter, ValidationError
from pydantic_core import PydanticCustomError

from magnet.state.attitude import Attitude
from magnet.state.intake import Client, IntakeForm, Opening, Text
from magnet.state.intake_error import IntakeError, problems_of

_LABELS = {
    "name": "Name",
    "age": "Age",
    "gender": "Gender",
    "occupation": "Occupation",
    "education": "Education",
    "marital_status": "Marital Status",
    "family": "Family Details",
}
_SECTIONS = {
    "presenting_problem": "2. Presenting Problem",
    "reason": "3. Reason for Seeking Counseling",
    "history": "4. Past History",
    "functioning": "5. Academic/occupational functioning level",
    "social_support": "6. Social Support System",
}
_LABEL = re.compile(
    r"^[ \t]*(?:"
    + "|".join(rf"(?P<{field}>{label})" for field, label in _LABELS.items())
    + r")\s*:",
    re.MULTILINE | re.IGNORECASE,
)
_HEADING = re.compile(
    r"""
    ^[ \t]*\d\.[ \t]*
    (?: (?P<presenting_problem>Presenting\ Problem)
      | (?P<reason>Reason\ for\ Seeking\ Counseling)
      | (?P<history>Past\ History (?:[ ]\([^)\n]*\))?)
      | (?P<functioning>(?:Academic/)?Occupational\ functioning\ level)
      | (?P<social_support>Social\ Support\ System)
    )
    [ \t]*:?
    """,
    re.MULTILINE | re.IGNORECASE | re.VERBOSE,
)
# Section 5 opens with its first item. The item's label is the heading itself ("5. Occupational
# functioning level: ..."), stands again below it, or is missing from a bulleted list.
_WORK_LABEL = re.compile(
    r"^(?:Academic/)?Occupational(?: functioning level)?\s*:\s*", re.IGNORECASE
)
_SPEAKER_LABEL = re.compile(r"^\s*(?:Counselor|Client)\s*:\s*", re.IGNORECASE)


def _split(text: str, pattern: re.Pattern[str]) -> dict[str, str]:
    """Cut a text at the pattern's named groups: name -> what follows; blank parts are left out."""
    marks = list(pattern.finditer(text))
    ends = [mark.start() for mark in marks[1:]] + [len(text)] * bool(marks)
    parts = {
        str(mark.lastgroup): text[mark.end() : end].strip()
        for mark, end in zip(marks, ends, strict=True)
    }
    return {name: part for name, part in parts.items() if part}


def _form_fields(text: object) -> dict[str, str]:
    """Cut the text of an intake form into the fields of `IntakeForm`."""
    if not isinstance(text, str):
        raise PydanticCustomError("intake_text", "the text of an intake form")
    first = _HEADING.search(text)
    personal = text[: first.start()] if first else text
    fields = _split(personal, _LABEL) | _split(text, _HEADING)
    if "functioning" in fields:
        items = _WORK_LABEL.sub("", fields["functioning"])
        fields["functioning"] = items if items.startswith("-") else f"Work or study: {items}"
    return fields


def _without_label(text: object) -> object:
    """Drop the speaker's name that a few openings start with."""
    return _SPEAKER_LABEL.sub("", text) if isinstance(text, str) else text


_Utterance = Annotated[Text, BeforeValidator(_without_label)]


class _SeedClient(BaseModel):
    intake_form: Annotated[IntakeForm, BeforeValidator(_form_fields)]
    attitude: Attitude


class _SeedOpening(BaseModel):
    init_history_counselor: _Utterance
    init_history_client: _Utterance


class _SeedCounselor(BaseModel):
    cbt: _SeedOpening = Field(alias="CBT")


class _Seed(BaseModel):
    client: _SeedClient = Field(alias="AI_client")
    counselor: _SeedCounselor = Field(alias="AI_counselor")


_SEEDS: TypeAdapter[list[_Seed]] = TypeAdapter(Annotated[list[_Seed], Field(min_length=1)])


def seed_text(form: IntakeForm) -> str:
    """Return a form as the text of a seed, which reads as a form again."""
    lines = [f"{label}: {getattr(form, field)}" for field, label in _LABELS.items()]
    sections = [f"{heading}\n{getattr(form, field)}" for field, heading in _SECTIONS.items()]
    return "\n\n".join(["\n".join(lines), *sections])


def is_seed(data: object) -> bool:
    """Return whether an object of a JSON file is meant as a CACTUS seed."""
    return isinstance(data, dict) and bool({"AI_client", "AI_counselor"} & data.keys())


def clients_of_seeds(data: list[Any], file: Path) -> list[Client]:
    """Make a client of each seed; consecutive seeds with one intake text are one person.

    Args:
        data: the seeds as the file has them; each becomes the `source` of its client.
        file: where they are from, for messages.

    Raises:
        IntakeError: with every problem of every seed.
    """
    try:
        seeds = _SEEDS.validate_python(data)
    except ValidationError as error:
        raise IntakeError(problems_of(error, file, titles=_LABELS | _SECTIONS)) from error
    clients: list[Client] = []
    number, text = 0, None
    for source, seed in zip(data, seeds, strict=True):
        if source["AI_client"]["intake_form"] != text:
            number, text = number + 1, source["AI_client"]["intake_form"]
        opening = seed.counselor.cbt
        clients.append(
            Client(
                form=seed.client.intake_form,
                attitude=seed.client.attitude,
                opening=Opening(
                    counselor=opening.init_history_counselor, client=opening.init_history_client
                ),
                number=number,
                source=source,
            )
        )
    return clients
