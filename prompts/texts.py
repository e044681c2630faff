"""The prompt files: reading, checking, overriding. The texts are data; see `prompts/texts/`."""

import re
from collections.abc import Collection, Mapping, Sequence
from functools import cache, cached_property
from pathlib import Path
from string import Template
from typing import Any, Literal, cast

import yaml
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

from magnet.prompts.director_texts import DirectorTexts
from magnet.prompts.fields import PromptField, is_directed, variables_of
from magnet.state import Attitude
from magnet.state.errors import BadUseError
from magnet.state.method_plugins import method_folders

PACKAGED = Path(__file__).parent / "texts"
_SHARED = ("settings", "blocks", "attitudes", "director")


class PromptError(BadUseError):
    """A prompt file that cannot be used: names the file, the field and what was expected."""


def _check_template(place: str, text: str, allowed: Collection[str]) -> None:
    template = Template(text)
    if not template.is_valid():
        raise ValueError(f"{place}: a dollar sign stands alone; write $$ for the sign itself")
    unknown = set(template.get_identifiers()) - set(allowed)
    if unknown:
        raise ValueError(
            f"{place} uses ${{{sorted(unknown)[0]}}}, which the prompt does not see; it may use "
            f"{', '.join(sorted(allowed))}"
        )


def _check_blocks(blocks: Mapping[str, str]) -> None:
    for name, text in blocks.items():
        _check_template(name, text, variables_of([name]))


class PromptText(BaseModel):
    """One prompt, as its file has it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    setting: str = Field(description="name of an entry of settings.yaml, or of a file's own")
    voice: Literal["counselor", "client", "none"] = Field(
        description="whose utterances are the assistant's; with none the dialogue is given as text"
    )
    sees: tuple[str, ...]
    rules: str = Field(default="", description="how the agent behaves, fixed for the session")
    instruction: str = Field(description="what this agent does, placed last")

    @property
    def is_directed(self) -> bool:
        """Whether it shows what the director says."""
        return any(map(is_directed, self.sees))

    @model_validator(mode="after")
    def _uses_only_what_it_sees(self) -> "PromptText":
        allowed = variables_of(self.sees)
        for field in ("rules", "instruction"):
            _check_template(field, getattr(self, field), allowed)
        return self


class _SharedTexts(BaseModel):
    """The texts that prompts are put together from."""

    model_config = ConfigDict(frozen=True)

    settings: Mapping[str, str]
    blocks: Mapping[PromptField, str]
    attitudes: Mapping[Attitude, str]
    director: DirectorTexts
    director_file: Path

    @property
    def all_settings(self) -> Mapping[str, str]:
        """What a prompt can begin with, by name."""
        return {**self.settings, **self.director.settings}

    @field_validator("director")
    @classmethod
    def _blocks_that_can_be_filled(cls, director: DirectorTexts) -> DirectorTexts:
        if fixed := [name for name in director.blocks if not is_directed(name)]:
            raise ValueError(f"blocks: expected no entry {fixed[0]}: it stands in blocks.yaml")
        _check_blocks(director.blocks)
        return director

    @field_validator("blocks")
    @classmethod
    def _a_block_for_each_sight(
        cls, blocks: Mapping[PromptField, str]
    ) -> Mapping[PromptField, str]:
        if missing := [prompt_field for prompt_field in PromptField if prompt_field not in blocks]:
            raise ValueError(f"expected an entry {missing[0]}")
        _check_blocks({prompt_field.value: text for prompt_field, text in blocks.items()})
        return blocks

    @field_validator("attitudes")
    @classmethod
    def _a_text_for_each_attitude(cls, attitudes: Mapping[Attitude, str]) -> Mapping[Attitude, str]:
        missing = [attitude for attitude in Attitude if attitude not in attitudes]
        if missing:
            raise ValueError(f"expected an entry {missing[0]}")
        return attitudes


class PromptFiles(_SharedTexts):
    """All prompt files of one place: the packaged ones, under the user's own of the same name."""

    prompts: Mapping[str, PromptText]

    def block(self, name: str) -> str:
        """Return how one thing is laid out."""
        return self.director.blocks[name] if is_directed(name) else self.blocks[PromptField(name)]

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Names of the prompts, sorted."""
        return tuple(sorted(self.prompts))

    def prompt(self, name: str) -> PromptText:
        """Return a prompt by name.

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
    except (OSError, UnicodeDecodeError, yaml.YAMLError, RecursionError) as error:
        raise PromptError(f"{path}: cannot be read as YAML: {error}") from error
    if not isinstance(content, dict):
        raise PromptError(f"{path}: expected a mapping of fields to texts")
    return cast(dict[str, Any], content)


def load_prompts(overrides: Path | None = None) -> PromptFiles:
    """Read the prompts; a file of the same name in `overrides` replaces another.

    These are the packaged ones and those of other distributions' methods.

    Raises:
        PromptError: naming the file and the field.
    """
    others = _of_distributions()
    if overrides is None:
        return _shipped() if not others else _checked({**_shipped_contents(), **others})
    if not overrides.is_dir():
        raise PromptError(f"{overrides}: expected a folder with prompt files (*.yaml)")
    own = {path: _read(path) for path in sorted(overrides.glob("*.yaml"))}
    return _checked({**_shipped_contents(), **others, **own})


def _of_distributions() -> Mapping[Path, Mapping[str, Any]]:
    """Read the prompts of other distributions' methods, which replace none."""
    known = {path.stem for path in _shipped_contents()}
    found: dict[Path, Mapping[str, Any]] = {}
    for folder in method_folders().values():
        for path in sorted(folder.glob("prompts/*.yaml")):
            if path.stem in known:
                raise PromptError(f"{path}: there is a prompt {path.stem!r} already: rename it")
            known.add(path.stem)
            found[path] = _read(path)
    return found


@cache
def _shipped() -> PromptFiles:
    return _checked(_shipped_contents())


@cache
def _shipped_contents() -> Mapping[Path, Mapping[str, Any]]:
    # A session cannot begin before they are read; libyaml's parser takes a tenth of the time.
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    texts = {path: path.read_text(encoding="utf-8") for path in sorted(PACKAGED.glob("*.yaml"))}
    return {path: yaml.load(text, loader) for path, text in texts.items()}


def _checked(files: Mapping[Path, Mapping[str, Any]]) -> PromptFiles:
    """Check files, of which the last of a name counts."""
    paths = {path.stem: path for path in files}
    contents = {name: files[path] for name, path in paths.items()}
    try:
        shared = _SharedTexts.model_validate(
            {name: contents[name] for name in _SHARED} | {"director_file": paths["director"]}
        )
    except ValidationError as error:
        raise PromptError(f"{paths[str(error.errors()[0]['loc'][0])]}: {error}") from error
    names = sorted(contents.keys() - set(_SHARED))
    prompts = {name: _prompt(contents[name], shared, paths[name]) for name in names}
    return PromptFiles(**dict(shared), prompts=prompts)


_VARIABLE = re.compile(r"\$\$|\$(?:(\w+)|\{(\w+)\})")


def fill_in(files: PromptFiles, words: Mapping[str, str]) -> PromptFiles:
    """Return the files with some of the variables of all their texts filled in, for good."""

    def value(found: re.Match[str]) -> str:
        name = found[1] or found[2]
        # What is filled in is no template.
        return words[name].replace("$", "$$") if name in words else found[0]

    def filled(one: Any) -> Any:
        if isinstance(one, str):
            return _VARIABLE.sub(value, one)
        if isinstance(one, dict):
            return {key: filled(item) for key, item in cast(dict[Any, Any], one).items()}
        if isinstance(one, (list, tuple)):
            return [filled(item) for item in cast(Sequence[Any], one)]
        return one

    return PromptFiles.model_validate(filled(files.model_dump()))


def replace_prompt(files: PromptFiles, name: str, path: Path) -> PromptFiles:
    """Return the files with another one, wherever it lies, in the place of a prompt's.

    Raises:
        PromptError: naming the file and the field.
    """
    prompt = _prompt(_read(path), files, path)
    return files.model_copy(update={"prompts": {**files.prompts, name: prompt}})


def _prompt(content: Mapping[str, Any], shared: _SharedTexts, path: Path) -> PromptText:
    known = {*(prompt_field.value for prompt_field in PromptField), *shared.director.blocks}
    sees: object = content.get("sees")
    wanted = cast(list[object], sees) if isinstance(sees, list) else []
    if unknown := [name for name in wanted if name not in known]:
        raise PromptError(
            f"{path}: sees: {unknown[0]!r} is in the blocks neither of blocks.yaml nor of "
            f"{shared.director_file}; there are {', '.join(sorted(known))}"
        )
    try:
        prompt = PromptText.model_validate(content)
    except ValidationError as error:
        raise PromptError(f"{path}: {error}") from error
    setting = shared.all_settings.get(prompt.setting)
    if setting is None:
        raise PromptError(
            f"{path}: setting: no entry {prompt.setting!r} in settings.yaml; there are "
            f"{', '.join(shared.all_settings)}"
        )
    try:
        _check_template(prompt.setting, setting, variables_of(prompt.sees))
    except ValueError as error:
        raise PromptError(f"{path}: setting: settings.yaml: {error}") from error
    return prompt
