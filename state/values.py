"""The values of a session's state by name: to show, to compare and to edit them.

A name is a path into `document_of`: `plan.technique`, `techniques.3` (of exchange 3),
`candidates.3.reflection`, `utterances.5` (by turn), `settings.seed`, `client.attitude`,
`directions.3.manner.intention`, `affects.3.trust`.
"""

from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import Any, Literal, cast

import yaml
from pydantic import BaseModel, ValidationError

from magnet.state.contents import candidates_of
from magnet.state.director import Affect, Direction
from magnet.state.errors import BadUseError, Option
from magnet.state.graph_state import SessionState, SessionUpdate
from magnet.state.intake import Client
from magnet.state.plan import CbtPlan
from magnet.state.provenance import Provenance
from magnet.state.session import (
    OPENING_UTTERANCES,
    PlanRecord,
    SessionSettings,
)
from magnet.state.utterance import Candidate, Selection, Utterance

EDITED = "edited"
"""Flag of what a user has changed by hand."""

Document = dict[str, Any]
Item = Candidate | Selection | Utterance | Direction | Affect


class ValueNameError(BadUseError):
    """A name that is no value of the session, or a value that does not fit: says what would."""


def name_of(item: Item) -> str:
    """Return the name of a draft, a choice, an utterance, or what a director keeps."""
    match item:
        case Candidate():
            return f"candidates.{item.exchange}.{item.technique}"
        case Selection():
            return f"techniques.{item.exchange}"
        case Utterance():
            return f"utterances.{item.turn}"
        case Direction():
            return f"directions.{item.exchange}"
        case Affect():
            return f"affects.{item.exchange}"


def document_of(state: SessionState) -> Document:
    """Return what can be edited of a state, as plain data; the given opening is the client's."""
    candidates: dict[str, dict[str, str]] = {}
    for one in state.get("candidates", ()):
        candidates.setdefault(str(one.exchange), {})[one.technique] = one.text
    document: Document = {
        "client": state["client"].model_dump(mode="json"),
        "settings": state["settings"].model_dump(mode="json"),
        "techniques": {
            str(one.exchange): list(one.techniques) for one in state.get("selections", ())
        },
        "candidates": candidates,
        "utterances": {str(u.turn): u.text for u in state["utterances"][OPENING_UTTERANCES:]},
    }
    for channel in _BY_EXCHANGE:
        if items := state.get(channel):
            document[channel] = {
                str(one.exchange): one.model_dump(mode="json", exclude={"exchange"})
                for one in cast(list[Direction | Affect], items)
            }
    if "plan" in state:
        document["plan"] = state["plan"].plan.model_dump(mode="json")
    return document


def value_at(document: Document, name: str) -> Any:
    """Return a value by its name.

    Raises:
        ValueNameError: if there is none, with the names that there are at that place.
    """
    return _at(document, name.split("."), name)


def with_value(document: Document, name: str, value: Any) -> Document:
    """Return a copy of a document with another value in the place of one that is there.

    Raises:
        ValueNameError: if there is no value of this name.
    """
    copy = deepcopy(document)
    *path, last = name.split(".")
    holder = _at(copy, path, name)
    _at(holder, [last], name)
    holder[int(last) if isinstance(holder, list) else last] = value
    return copy


def with_text(document: Document, name: str, text: str) -> Document:
    """Return a copy of a document with what a user wrote in the place of a value.

    Raises:
        ValueNameError: if there is no value of this name.
    """
    return with_value(document, name, read_value(text, value_at(document, name)))


def read_value(text: str, old: object) -> Any:
    """Read a value as a user writes it: a text in the place of a text, else YAML.

    Plain text where that makes no sense as YAML: a sentence with a colon is a text, and so is one
    that begins with a sign of YAML's.
    """
    if isinstance(old, str):
        return text
    try:
        value: Any = yaml.safe_load(text)
    except yaml.YAMLError:
        return text
    structure = isinstance(value, (list, dict)) and text.lstrip()[:1] in ("[", "{", "-")
    scalar = isinstance(value, (int, float)) or (value is None and bool(text.strip()))
    return cast(object, value) if structure or scalar else text


def update_to(state: SessionState, document: Document) -> SessionUpdate:
    """Return the update that makes a state's values those of an edited document.

    Raises:
        ValueNameError: if a value does not fit, naming it and what was expected.
    """
    before = document_of(state)
    update: dict[str, Any] = {}
    for root, value in document.items():
        if value != before.get(root):
            try:
                if root in _BY_PLACE:
                    _check_places(root, before[root], value)
                update[_CHANNELS.get(root, root)] = _READERS[root](state, before.get(root), value)
            except ValidationError as error:
                first = error.errors()[0]
                place = ".".join([root, *(str(part) for part in first["loc"])])
                raise ValueNameError(f"{place}: {first['msg']}, found {first['input']!r}") from None
    return cast(SessionUpdate, update)


def _at(value: Any, path: list[str], name: str) -> Any:
    for part in path:
        if isinstance(value, list):
            items = cast(list[Any], value)
            names = [str(index) for index in range(len(items))]
            value = items[int(part)] if part in names else _missing(name, part, names)
        elif isinstance(value, dict):
            fields = cast(dict[str, Any], value)
            value = fields[part] if part in fields else _missing(name, part, list(fields))
        else:
            _missing(name, part, [])
    return value


def _check_places(name: str, before: Document, value: Any) -> None:
    """Refuse a value that is not for just the places that are there.

    Raises:
        ValueNameError: if it is none.
    """
    if not isinstance(value, dict) or value.keys() != before.keys():
        there = ", ".join(map(repr, before))
        raise ValueNameError(f"{name}: expected a mapping with the keys {there}, found {value!r}")
    for place, old in before.items():
        if isinstance(old, dict) and not isinstance(value[place], dict):
            raise ValueNameError(f"{name}.{place}: expected a mapping, found {value[place]!r}")


def _missing(name: str, part: str, names: list[str]) -> Any:
    there = f"there is {', '.join(names)}" if names else "nothing is below it"
    raise ValueNameError(f"{name}: the session has no {part!r} there; {there}")


def _flagged(provenance: Provenance) -> Provenance:
    flags = tuple(flag for flag in provenance.flags if flag != EDITED)
    return provenance.model_copy(update={"flags": (*flags, EDITED)})


def _remade(item: BaseModel, provenance: Provenance, **values: Any) -> Any:
    """Return an item with other values, validated, and flagged as edited."""
    return type(item).model_validate(
        {**dict(item), **values, "provenance": _flagged(provenance)}, strict=False
    )


def _settings(before: Any, value: Any) -> SessionSettings:
    settings = SessionSettings.model_validate(value)
    if settings.method != before["method"]:
        raise ValueNameError(
            f"settings.method: a session keeps the method that it began with, {before['method']}. "
            "Begin another session with {method}",
            method=Option("method", settings.method),
        )
    return settings


def _plan(state: SessionState, _: Any, value: Any) -> PlanRecord:
    assert "plan" in state  # its value was found in the document
    plan = CbtPlan.model_validate(value)
    provenance = _flagged(state["plan"].provenance)
    return state["plan"].model_copy(update={"plan": plan, "provenance": provenance})


def _changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in after.items() if value != before.get(name)}


def _techniques(state: SessionState, before: Any, value: Any) -> list[Selection]:
    changed = _changed(before, value)
    for exchange, names in changed.items():
        drafted = [draft.technique for draft in candidates_of(state, int(exchange))]
        given = cast(list[object], names) if isinstance(names, list) else []
        unknown = [str(name) for name in given if name not in drafted]
        if unknown:
            raise ValueNameError(
                f"techniques.{exchange}: expected some of {', '.join(drafted)}, found "
                f"{unknown[0]!r}"
            )
    return [
        _remade(one, one.provenance, techniques=changed[str(one.exchange)])
        for one in state.get("selections", ())
        if str(one.exchange) in changed
    ]


def _candidates(state: SessionState, before: Any, value: Any) -> list[Candidate]:
    return [
        _remade(one, one.provenance, text=text)
        for one in state.get("candidates", ())
        if (text := value.get(str(one.exchange), {}).get(one.technique)) != one.text
    ]


def _utterances(state: SessionState, before: Any, value: Any) -> list[Utterance]:
    changed = _changed(before, value)
    return [
        _remade(said, said.provenance or Provenance(seed=0), text=changed[str(said.turn)])
        for said in state["utterances"]
        if str(said.turn) in changed
    ]


def _by_exchange(
    kind: type[Direction | Affect], before: Any, value: Any
) -> list[Direction | Affect]:
    return [
        kind.model_validate({**fields, "exchange": int(exchange)}, strict=False)
        for exchange, fields in _changed(before, value).items()
    ]


_BY_EXCHANGE: tuple[Literal["directions", "affects"], ...] = ("directions", "affects")
_CHANNELS = {"techniques": "selections"}
_BY_PLACE = ("techniques", "candidates", "utterances", *_BY_EXCHANGE)
_READERS: Mapping[str, Callable[[SessionState, Any, Any], Any]] = {
    "client": lambda _, __, value: Client.model_validate(value),
    "settings": lambda _, before, value: _settings(before, value),
    "plan": _plan,
    "techniques": _techniques,
    "candidates": _candidates,
    "utterances": _utterances,
    "directions": lambda _, before, value: _by_exchange(Direction, before, value),
    "affects": lambda _, before, value: _by_exchange(Affect, before, value),
}
