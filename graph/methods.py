"""The method table: a method is data, and the graph is built from it."""

import difflib
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import cast

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from magnet.state import Technique
from magnet.state.errors import BadUseError

PACKAGED = Path(__file__).with_name("methods.toml")


class MethodError(BadUseError):
    """A method that is unknown or whose definition does not hold together."""


class Method(BaseModel):
    """Which agents a session has; each field names the prompt that the agent uses."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    summary: str = ""
    planner: str | None = None
    specialists: Mapping[Technique, str] = Field(
        default_factory=dict[Technique, str],
        description="technique to prompt; a list of techniques uses the prompts of the same name",
    )
    selector: str | None = None
    fusion: str | None = Field(default=None, description="writes from the specialists' drafts")
    counselor: str | None = Field(default=None, description="writes alone, without specialists")
    client: str = "client"
    director: str | None = Field(
        default=None,
        description="decides each exchange before it is played; its prompt screens for danger",
    )
    feelings: str | None = Field(
        default=None, description="how the client feels as an exchange begins; with a director"
    )

    @model_validator(mode="before")
    @classmethod
    def _list_of_specialists(cls, data: dict[str, object]) -> dict[str, object]:
        given = data.get("specialists")
        if isinstance(given, list):
            names = [str(name) for name in cast(list[object], given)]
            return {**data, "specialists": {name: name for name in names}}
        return data

    @model_validator(mode="after")
    def _one_writer(self) -> "Method":
        if (self.fusion is None) == (self.counselor is None):
            raise ValueError("expected exactly one of fusion and counselor")
        if (self.fusion is None) != (not self.specialists):
            raise ValueError("expected specialists with fusion, and none with counselor")
        if self.selector is not None and self.fusion is None:
            raise ValueError("a selector needs specialists and fusion")
        if (self.director is None) != (self.feelings is None):
            raise ValueError("expected both director and feelings, or neither")
        return self

    @property
    def agents(self) -> Mapping[str, str]:
        """Each agent (its node's name) with the name of its prompt."""
        single = {
            name: getattr(self, name)
            for name in (
                *("planner", "director", "feelings"),
                *("selector", "fusion", "counselor", "client"),
            )
        }
        specialists = {technique.value: prompt for technique, prompt in self.specialists.items()}
        return {agent: prompt for agent, prompt in (single | specialists).items() if prompt}


def load_methods(extra: Path | None = None) -> Mapping[str, Method]:
    """Read the method table; methods of the user's own file are added to it, or replace.

    Raises:
        MethodError: naming the file, the method and the field.
    """
    methods: dict[str, Method] = {}
    for path in (PACKAGED, extra):
        if path is None:
            continue
        try:
            tables = tomllib.loads(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise MethodError(f"{path}: cannot be read as TOML: {error}") from error
        for name, table in tables.items():
            if not isinstance(table, dict):
                raise MethodError(f"{path}: {name}: expected a table [{name}] with its agents")
            try:
                methods[name] = Method.model_validate({**table, "name": name})
            except ValidationError as error:
                first = error.errors()[0]
                place = ".".join(str(part) for part in first["loc"])
                where = f"{place}: " if place else ""
                raise MethodError(f"{path}: [{name}] {where}{first['msg']}") from error
    return methods


def pick_method(methods: Mapping[str, Method], name: str) -> Method:
    """Give a method by name.

    Raises:
        MethodError: if there is none, with the nearest.
    """
    if name in methods:
        return methods[name]
    near = difflib.get_close_matches(name.lower(), methods, n=1)
    guess = f" (did you mean {near[0]}?)" if near else ""
    raise MethodError(f"no method is named {name!r}{guess}; there are {', '.join(methods)}")
