"""Valid JSON for a JSON schema, drawn from a random generator.

Covers what pydantic models and OpenAI's structured outputs use: types, enums, constants, bounds,
`$ref`, `anyOf`, `oneOf`, `allOf`. Keywords that no answer format needs (`pattern`, `not`, `if`,
`dependentRequired`) are not read; where `anyOf` offers a choice, one without a pattern is taken.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Any, Protocol, cast

from magnet.models.fake.values import Schema, cut, formatted, number, whole_number

# Below this depth only what is required is made, so that recursive schemas come to an end.
_DEEP = 4
_OPTIONAL_ITEMS = 3
_TRIES_FOR_ANOTHER = 30
_TYPE_BY_KEYWORD = {
    "properties": "object",
    "additionalProperties": "object",
    "items": "array",
    "prefixItems": "array",
    "minimum": "number",
    "maximum": "number",
}


class Words(Protocol):
    """Where strings come from."""

    def sentences(self, field: str, count: int) -> list[str]:
        """Return up to `count` different sentences, at least one, for a field."""
        ...

    def word(self) -> str:
        """Return a word or two, for names."""
        ...


class JsonMaker:
    """Makes values of one schema. The same state of `rng` makes the same value."""

    def __init__(self, schema: Schema, rng: Random, words: Words) -> None:
        self._root = schema
        self._rng = rng
        self._words = words
        self._makers: Mapping[str, Callable[[Schema, str, int], Any]] = {
            "object": self._object,
            "array": self._array,
            "string": lambda schema, field, _: self._string(schema, field),
            "integer": lambda schema, _field, _: whole_number(schema, rng),
            "number": lambda schema, _field, _: number(schema, rng),
            "boolean": lambda _schema, _field, _: rng.random() < 0.5,
            "null": lambda _schema, _field, _: None,
        }

    def make(self) -> Any:
        """Make a value of the schema."""
        return self._value(self._root, "", 0)

    def _value(self, schema: Schema | bool, field: str, depth: int) -> Any:
        plain: Schema = {} if isinstance(schema, bool) else self._plain(schema, depth)
        if "const" in plain:
            return plain["const"]
        if "enum" in plain:
            return self._rng.choice(plain["enum"])
        return self._makers[self._type(plain, depth)](plain, field, depth)

    def _plain(self, schema: Schema, depth: int) -> Schema:
        """Resolve references and choices until none is left at the top."""
        while True:
            rest = dict(schema)
            if "$ref" in rest:
                schema = {**self._lookup(rest.pop("$ref")), **rest}
            elif "allOf" in rest:
                for part in rest.pop("allOf"):
                    rest = _merged(rest, self._plain(part, depth))
                schema = rest
            elif "anyOf" in rest or "oneOf" in rest:
                options = rest.pop("anyOf" if "anyOf" in rest else "oneOf")
                schema = _merged(rest, self._option(options, depth))
            else:
                return rest

    def _lookup(self, reference: str) -> Schema:
        found: Any = self._root
        for step in reference.removeprefix("#").split("/")[1:]:
            found = found[step.replace("~1", "/").replace("~0", "~")]
        return found

    def _option(self, options: Sequence[Schema], depth: int) -> Schema:
        fit = [option for option in options if "pattern" not in option] or options
        if depth >= _DEEP:
            fit = [option for option in fit if _is_leaf(option)] or fit
        return self._rng.choice(fit)

    def _type(self, schema: Schema, depth: int) -> str:
        known = schema.get("type")
        if isinstance(known, str):
            return known
        if isinstance(known, list):
            types = cast(list[str], known)
            leaves = [name for name in types if name not in ("object", "array")]
            return self._rng.choice(leaves if leaves and depth >= _DEEP else types)
        return next((t for word, t in _TYPE_BY_KEYWORD.items() if word in schema), "string")

    def _object(self, schema: Schema, field: str, depth: int) -> dict[str, Any]:
        required = schema.get("required", ())
        made = {
            name: self._value(part, name, depth + 1)
            for name, part in schema.get("properties", {}).items()
            if name in required or depth < _DEEP
        }
        others = schema.get("additionalProperties", True)
        for name in required:
            if name not in made:
                made[name] = self._value(others, name, depth + 1)
        least = schema.get("minProperties", 0)
        if "properties" not in schema and depth < _DEEP:
            least = max(least, min(2, schema.get("maxProperties", 2)))
        for _ in range(_TRIES_FOR_ANOTHER):
            if others is False or len(made) >= least:
                break
            names = schema.get("propertyNames")
            name = self._value(names, field, depth + 1) if names else self._words.word()
            made[name] = self._value(others, name, depth + 1)
        return made

    def _array(self, schema: Schema, field: str, depth: int) -> list[Any]:
        made = [self._value(part, field, depth + 1) for part in schema.get("prefixItems", ())]
        items: Schema | bool = schema.get("items", True)
        count = self._count(schema, len(made), open_ended=items is not False and depth < _DEEP)
        if not made and not isinstance(items, bool) and _is_free_text(items):
            # Drawn together, they come in the order of their stock: the steps of a plan.
            drawn = self._words.sentences(field, count) if count else []
            made = list(dict.fromkeys(self._sized(text, items, field) for text in drawn))
        while len(made) < count:
            value = self._value(items, field, depth + 1)
            for _ in range(_TRIES_FOR_ANOTHER):
                if value not in made:
                    break
                value = self._value(items, field, depth + 1)
            if value in made and schema.get("uniqueItems"):
                break
            made.append(value)
        return made

    def _count(self, schema: Schema, fixed: int, *, open_ended: bool) -> int:
        least = max(schema.get("minItems", 0), fixed)
        most = min(schema.get("maxItems", math.inf), least + _OPTIONAL_ITEMS)
        return self._rng.randint(max(least, min(1, most)), most) if open_ended else least

    def _string(self, schema: Schema, field: str) -> str:
        given = formatted(schema.get("format"), self._rng)
        return given or self._sized(self._words.sentences(field, 1)[0], schema, field)

    def _sized(self, text: str, schema: Schema, field: str) -> str:
        least = schema.get("minLength", 0)
        while len(text) < least:
            text += " " + self._words.sentences(field, 1)[0]
        return cut(text, least, schema.get("maxLength", math.inf))


def _merged(one: Schema, other: Schema) -> dict[str, Any]:
    merged = {**one, **other}
    if "properties" in one and "properties" in other:
        merged["properties"] = {**one["properties"], **other["properties"]}
    if "required" in one and "required" in other:
        merged["required"] = [*one["required"], *other["required"]]
    return merged


def _is_leaf(schema: Schema) -> bool:
    return "$ref" not in schema and schema.get("type") not in ("object", "array")


def _is_free_text(schema: Schema) -> bool:
    return schema.get("type") == "string" and not {"enum", "const", "format"} & schema.keys()
