"""The prompt files: reading, checking, overriding. The texts are data; see `prompts/texts/`."""

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from string import Template
from typing import Any, Literal, cast

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from prompts.sight import Sight, variables_of

PACKAGED = Path(__file__).parent / "texts"
_SHARED = ("settings", "blocks", "attitudes")


class PromptError(ValueError):
    """A prompt file that cannot be used: names the file, the field and what was expected."""


class PromptText(BaseModel):
    """One prompt, as its file has it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    setting: str = Field(description="name of an entry of settings.yaml, or of a file's own")
    voice: Literal["counselor", "client", "none"] = Field(
        description="whose utterances are the assistant's; with none the dialogue is given as text"
    )
    sees: tuple[Sight, ...]
    rules: str = Field(default="", description="how the agent behaves, fixed for the session")
    instruction: str = Field(description="what this agent does, placed last")

    @model_validator(mode="after")
    def _uses_only_what_it_sees(self) -> "PromptText":
        allowed = variables_of(self.sees)
        for field in ("rules", "instruction"):
            unknown = set(Template(getattr(self, field)).get_identifiers()) - allowed
            if unknown:
                raise ValueError(
                    f"{field} uses ${{{sorted(unknown)[0]}}}; with sees: "
                    f"[{', '.join(self.sees)}] it may use {', '.join(sorted(allowed))}"
                )
        return self


class PromptFiles(BaseModel):
    """All prompt files of one place: the packaged ones, under the user's own of the same name."""

    model_config = ConfigDict(frozen=True)

    settings: Mapping[str, str]
    blocks: Mapping[Sight, str]
    attitudes: Mapping[str, str]
    prompts: Mapping[str, PromptText]

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Names of the prompts, sorted."""
        return tuple(sorted(self.prompts))

    def prompt(self, name: str) -> PromptText:
        """Give a prompt by name.

        Raises:
            PromptError: if there is none of that name.
        """
        try:
            return self.prompts[name]
        except KeyError:
            raise PromptError(
                f"no prompt is named {name!r}; there are {', '.join(self.names)}"
            ) from None


def _read(path: Path) -> dict[str, Any]:
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise PromptError(f"{path}: cannot be read as YAML: {error}") from error
    if not isinstance(content, dict):
        raise PromptError(f"{path}: expected a mapping of fields to texts")
    return cast(dict[str, Any], content)


def load_prompts(overrides: Path | None = None) -> PromptFiles:
    """Read the packaged prompts; a file of the same name in `overrides` replaces a packaged one.

    Raises:
        PromptError: naming the file and the field.
    """
    paths = {path.stem: path for path in sorted(PACKAGED.glob("*.yaml"))}
    if overrides is not None:
        if not overrides.is_dir():
            raise PromptError(f"{overrides}: expected a folder with prompt files (*.yaml)")
        paths.update((path.stem, path) for path in sorted(overrides.glob("*.yaml")))
    contents = {name: _read(path) for name, path in paths.items()}
    prompts: dict[str, PromptText] = {}
    for name, content in contents.items():
        if name in _SHARED:
            continue
        try:
            prompts[name] = PromptText.model_validate(content)
        except ValidationError as error:
            raise PromptError(f"{paths[name]}: {error}") from error
        if prompts[name].setting not in contents["settings"]:
            raise PromptError(
                f"{paths[name]}: setting: no entry {prompts[name].setting!r} in "
                f"{paths['settings']}; there are {', '.join(contents['settings'])}"
            )
    try:
        return PromptFiles.model_validate(
            {name: contents[name] for name in _SHARED} | {"prompts": prompts}
        )
    except ValidationError as error:
        raise PromptError(f"prompt files: {error}") from error
