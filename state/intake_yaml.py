"""The plain intake form that people write themselves, as YAML or as a JSON object.

Its fields are those of `IntakeForm`, with an optional `attitude` and an optional `opening`. A field
that is left blank counts as not given.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError
from yaml.constructor import ConstructorError
from yaml.reader import ReaderError

from magnet.state.attitude import Attitude
from magnet.state.intake import Client, IntakeForm, Opening
from magnet.state.intake_error import IntakeError, Problem, describe, problems_of

_YAML = "YAML: a line per field as 'name: value', longer text after 'name: |' and indented"
_GREETING = "Hello {name}, I'm glad you came in today. What would you like to talk about?"


class _OwnForm(IntakeForm, frozen=True):
    attitude: Attitude = Attitude.NEUTRAL
    opening: Opening | None = None


_FIELDS = (*_OwnForm.model_fields, *(f"opening > {field}" for field in Opening.model_fields))


class _TextLoader(yaml.BaseLoader):
    """YAML whose values are all text, or None where blank: `gender: no` stays "no".

    The forms hold text alone, so YAML's guesses (dates, booleans, octal numbers) only do harm.
    """

    def construct_scalar(self, node: Any) -> Any:
        if node.style is None and node.value in ("", "~", "null"):
            return None
        return super().construct_scalar(node)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        fields = super().construct_mapping(node, deep)
        seen: set[object] = set()
        for key, _ in node.value:
            if key.value in seen:
                raise ConstructorError(None, None, f"{key.value} given twice", key.start_mark)
            seen.add(key.value)
        return fields


def load_yaml(text: str, file: Path) -> object:
    """Read YAML text: None, str, list or dict. `file` is for messages.

    Raises:
        IntakeError: where and why it is not YAML.
    """
    try:
        # _TextLoader is a BaseLoader: it builds text, lists and dicts, never other objects.
        return yaml.load(text, Loader=_TextLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f"line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        message = (error.problem or str(error)).removeprefix("found ")
        problem = Problem(file, place, message, _YAML)
    except ReaderError as error:
        before = text[: error.position]
        place = f"line {before.count(chr(10)) + 1}, column {error.position - before.rfind(chr(10))}"
        problem = Problem(file, place, describe(text[error.position]), "a printable character")
    except RecursionError:
        problem = Problem(file, "", "lists or fields nested without end", _YAML)
    except (ValueError, OverflowError) as error:
        # An escape such as "\UFFFFFFFF" gets past PyYAML's own checks.
        problem = Problem(file, "", f"a value that YAML cannot hold ({error})", _YAML)
    raise IntakeError([problem])


def client_of_form(data: Mapping[Any, Any], file: Path) -> Client:
    """Make the one client that a form describes; it gets number 1.

    Without `attitude` the client is neutral; without `opening` the counselor greets it by its
    first name and it answers with its `reason`.

    Raises:
        IntakeError: with every problem of the form.
    """
    given = {str(field): value for field, value in data.items() if not _is_blank(value)}
    try:
        own = _OwnForm.model_validate(given)
    except ValidationError as error:
        raise IntakeError(problems_of(error, file, known=_FIELDS)) from error
    form = IntakeForm.model_validate(own.model_dump(include=set(IntakeForm.model_fields)))
    opening = own.opening or Opening(
        counselor=_GREETING.format(name=form.first_name), client=form.reason
    )
    return Client(form=form, attitude=own.attitude, opening=opening, number=1)


def _is_blank(value: object) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())
