"""The method table: a method is data, and the graph is built from it."""

import difflib
import tomllib
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, cast

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
    ValidationInfo,
    model_validator,
)

from magnet.nodes import Stage, agent_of, agents
from magnet.state import Technique, TechniqueName, Techniques
from magnet.state.errors import BadUseError
from magnet.state.method_plugins import method_folders
from magnet.state.technique import packaged_techniques

PACKAGED = Path(__file__).with_name("methods.toml")
_TECHNIQUES = "techniques"
"""The one table of a methods file that is no method: techniques that its methods can use."""
_ONE_EACH = (Stage.SPEAK, Stage.ANSWER)


class MethodError(BadUseError):
    """A method that is unknown or whose definition does not hold together."""


class Method(BaseModel):
    """Which agents a session has, and which prompt each one uses.

    In a file each agent is a field of its own, which names its prompt. Specialists are a mapping of
    techniques to prompts; a list of techniques uses the prompts of the same name.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    summary: str = ""
    single: Mapping[str, str] = Field(description="agent to prompt, but for the specialists")
    specialists: Mapping[TechniqueName, str] = Field(
        default_factory=dict[TechniqueName, str], description="technique to prompt"
    )
    techniques: Techniques = Field(description="of the specialists, in their order")

    @model_validator(mode="before")
    @classmethod
    def _agents_from_fields(cls, data: dict[str, Any], info: ValidationInfo) -> dict[str, Any]:
        rest = {key: value for key, value in data.items() if value is not None}
        if reserved := rest.keys() & {"single", _TECHNIQUES}:
            raise ValueError(f"{min(reserved)}: no field of a method")
        given = {name: rest.pop(name) for name in agents() if name in rest}
        answers = any(agents()[name].stage is Stage.ANSWER for name in given)
        prompts = given.pop("specialists", {})
        if isinstance(prompts, list):
            names = [str(name) for name in cast(list[object], prompts)]
            prompts = {name: name for name in names}
        known: Techniques = info.context or packaged_techniques()
        named = cast(dict[str, object], prompts) if isinstance(prompts, dict) else {}
        if unknown := [name for name in named if name not in known]:
            raise ValueError(
                f"specialists.{unknown[0]}: no technique of this name; there are "
                f"{', '.join(known)}. One of your own is a table [{_TECHNIQUES}.{unknown[0]}] in "
                "your methods file"
            )
        return {
            **rest,
            "single": given if answers else given | {"client": "client"},
            "specialists": prompts,
            "techniques": {name: known[name] for name in named},
        }

    @model_validator(mode="after")
    def _holds_together(self) -> "Method":
        has = {agent_of(node).name for node in self.agents}
        for stage in _ONE_EACH:
            possible = [agent.name for agent in agents().values() if agent.stage is stage]
            if len(has.intersection(possible)) != 1:
                raise ValueError(f"expected exactly one of {' and '.join(possible)}")
        for name in self.agents:
            agent = agent_of(name)
            if missing := sorted(agent.needs - has):
                raise ValueError(f"{agent.name} needs {missing[0]}")
        if taken := agents().keys() & self.specialists.keys():
            raise ValueError(f"specialists: {min(taken)!r} is the name of an agent")
        return self

    @cached_property
    def agents(self) -> Mapping[str, str]:
        """Each agent (its node's name) with the name of its prompt."""
        nodes = {name: self.single[name] for name in agents() if name in self.single}
        return {**nodes, **self.specialists}

    @property
    def is_directed(self) -> bool:
        """Whether a director decides each exchange before it is played."""
        return any(agent_of(node).writes == "direction" for node in self.agents)

    @property
    def technique_order(self) -> tuple[TechniqueName, ...] | None:
        """The techniques in order; none where they are packaged ones in the packaged order."""
        names = tuple(self.techniques)
        packaged = tuple(name for name in packaged_techniques() if name in self.techniques)
        return None if names == packaged else names


_TABLES = TypeAdapter(dict[TechniqueName, Technique])


def load_methods(extra: Path | None = None) -> Mapping[str, Method]:
    """Read the method table.

    Those of other distributions are added to it; methods of the user's own file too, or replace.

    Raises:
        MethodError: naming the file, the method and the field.
        PluginError: if an entry point cannot be used.
    """
    methods: dict[str, Method] = {}
    techniques: Techniques = packaged_techniques()
    plugins = [folder / "methods.toml" for folder in method_folders().values()]
    for path in (PACKAGED, *plugins, *([extra] if extra else [])):
        try:
            tables = tomllib.loads(path.read_text(encoding="utf-8-sig"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
            raise MethodError(f"{path}: cannot be read as TOML: {error}") from error
        techniques = {**techniques, **_techniques(path, tables.pop(_TECHNIQUES, {}))}
        for name, table in tables.items():
            methods[name] = _method(path, name, table, techniques)
    return methods


def _techniques(path: Path, tables: object) -> Techniques:
    try:
        return _TABLES.validate_python(tables)
    except ValidationError as error:
        raise MethodError(f"{path}: [{_TECHNIQUES}] {_first_of(error)}") from error


def _method(path: Path, name: str, table: object, techniques: Techniques) -> Method:
    if not isinstance(table, dict):
        raise MethodError(f"{path}: {name}: expected a table [{name}] with its agents")
    fields = {**cast(dict[str, object], table), "name": name}
    try:
        return Method.model_validate(fields, context=techniques)
    except ValidationError as error:
        raise MethodError(f"{path}: [{name}] {_first_of(error)}") from error


def _first_of(error: ValidationError) -> str:
    first = error.errors()[0]
    # Agents are fields in the file.
    place = ".".join(str(part) for part in first["loc"] if part != "single")
    told = first["msg"].removeprefix("Value error, ")
    return f"{place}: {told}" if place else told


def pick_method(methods: Mapping[str, Method], name: str) -> Method:
    """Return a method by name.

    Raises:
        MethodError: if there is none, with the nearest.
    """
    if name in methods:
        return methods[name]
    near = difflib.get_close_matches(name.lower(), methods, n=1)
    guess = f" (did you mean {near[0]}?)" if near else ""
    raise MethodError(f"no method is named {name!r}{guess}; there are {', '.join(methods)}")
