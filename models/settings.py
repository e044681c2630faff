"""Settings: flags, then `MAGNET_*` variables, then `magnet.toml`, then the defaults here."""

import difflib
import os
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from platformdirs import user_data_path
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)
from pydantic_settings import SettingsError as BrokenSourceError

from magnet.prompts import Layout
from magnet.state import TURN_LIMIT, DirectorParts, Usage
from magnet.state.errors import BadUseError

CONFIG_FILE = "magnet.toml"
CACHE_DIR_VARIABLE = "MAGNET_CACHE_DIR"
"""Names the folder of the fetched models, which every invocation shares: it is no setting."""
_PREFIX = "MAGNET_"
_NESTED = "__"
# What Kubernetes and Docker set in every container beside a service called "magnet".
# https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables
_OF_A_SERVICE = re.compile(
    r"SERVICE_(HOST|PORT(_\w+)?)|PORT(_\d+_(TCP|UDP|SCTP)(_(ADDR|PORT|PROTO))?)?"
)
Role = Literal["planner", "specialist", "selector", "fusion", "counselor", "client", "judge"]


class SettingsError(BadUseError):
    """Settings that cannot be used: names the place, the field and what was expected."""


class Provider(BaseModel):
    """An endpoint that speaks OpenAI's chat-completions protocol."""

    model_config = ConfigDict(extra="forbid")

    base_url: str
    key_variable: str | None = Field(
        default=None, description="environment variable that holds the key; none needs no key"
    )
    timeout: float = Field(default=180.0, gt=0, description="seconds for one request")
    retries: int = Field(default=4, ge=0, description="requests repeated after transport errors")
    limit_field: Literal["max_tokens", "max_completion_tokens"] = Field(
        default="max_tokens", description="how the endpoint calls the limit of an answer's tokens"
    )


class Sampling(BaseModel):
    """How one role's model is sampled."""

    model_config = ConfigDict(extra="forbid")

    temperature: float | None = Field(default=None, ge=0, le=2)
    max_tokens: int | None = Field(default=None, ge=1)


class Price(BaseModel):
    """What a model's tokens cost, per million, in the user's currency."""

    model_config = ConfigDict(extra="forbid")

    prompt: float = Field(ge=0)
    cached: float | None = Field(default=None, ge=0, description="none costs as prompt tokens do")
    completion: float = Field(ge=0)

    def of(self, usage: Usage) -> float:
        """Give the cost of some tokens."""
        cached = self.prompt if self.cached is None else self.cached
        computed = usage.prompt - usage.cached
        parts = computed * self.prompt + usage.cached * cached + usage.completion * self.completion
        return parts / 1e6


class Embedded(BaseModel):
    """How the embedded model is run."""

    model_config = ConfigDict(extra="forbid")

    threads: int | None = Field(default=None, ge=1, description="none takes this machine's cores")
    context: int | None = Field(default=None, ge=512, description="tokens per agent")


PROVIDERS: Mapping[str, Provider] = {
    "openai": Provider(
        base_url="https://api.openai.com/v1",
        key_variable="OPENAI_API_KEY",
        limit_field="max_completion_tokens",
    ),
    "openrouter": Provider(
        base_url="https://openrouter.ai/api/v1", key_variable="OPENROUTER_API_KEY"
    ),
    "vllm": Provider(base_url="http://localhost:8000/v1"),
    "ollama": Provider(base_url="http://localhost:11434/v1"),
}

# Temperatures: MAGneT, arXiv 2509.04183, section 4. Token limits: the paper's 512 for the plan; an
# utterance is asked to be short, and one that runs away is cut at its last sentence.
SAMPLING: Mapping[Role, Sampling] = {
    "planner": Sampling(temperature=0.7, max_tokens=512),
    "specialist": Sampling(temperature=0.7, max_tokens=96),
    "selector": Sampling(temperature=0.0, max_tokens=200),
    "fusion": Sampling(temperature=0.7, max_tokens=160),
    "counselor": Sampling(temperature=0.7, max_tokens=200),
    "client": Sampling(temperature=0.7, max_tokens=120),
    "judge": Sampling(temperature=0.0, max_tokens=512),
}
SESSION_ROLES: Sequence[Role] = tuple(role for role in SAMPLING if role != "judge")
"""Roles of the models that play a session."""


def default_database() -> str:
    """Give the database in the user's data folder."""
    return str(user_data_path("magnet") / "magnet.db")


class Settings(BaseSettings):
    """All settings of one invocation."""

    model_config = SettingsConfigDict(
        env_prefix=_PREFIX,
        env_nested_delimiter=_NESTED,
        toml_file=CONFIG_FILE,
        extra="forbid",
    )

    db: str = Field(default_factory=default_database, description="SQLite file or database URL")
    model: str = Field(default="embedded", description="SPEC of the model that every role uses")
    models: dict[Role, str] = Field(default_factory=dict[Role, str], description="SPEC by role")
    providers: dict[str, Provider] = Field(default_factory=dict[str, Provider])
    sampling: dict[Role, Sampling] = Field(default_factory=dict[Role, Sampling])
    prices: dict[str, Price] = Field(default_factory=dict[str, Price], description="by SPEC")
    embedded: Embedded = Embedded()
    method: str = "magnet"
    methods_file: Path | None = Field(default=None, description="TOML file with more methods")
    prompts_dir: Path | None = Field(default=None, description="folder whose prompts replace ours")
    layout: Layout = "shared-first"
    turns: int = Field(default=TURN_LIMIT, ge=2, multiple_of=2, description="turn limit")
    min_turns: int | None = Field(default=None, ge=0, description="none is half the turn limit")
    checks: bool = Field(default=True, description="clean answers, and ask again for bad ones")
    director: DirectorParts = Field(
        default=DirectorParts(), description="which parts are on, in methods with a director"
    )
    cache: str | None = Field(
        default=None, description="database of a response cache; none asks the model each time"
    )
    concurrency: int | None = Field(
        default=None,
        ge=1,
        description="sessions at once; none is 32; on the embedded model 1, and 4 at most",
    )
    keep_checkpoints: Literal["all", "exchanges", "last"] = Field(
        default="exchanges", description="which checkpoints of a finished session stay"
    )
    log_calls: Literal["texts", "full"] = Field(
        default="texts", description="full keeps every prompt in the call log too"
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Order the sources: flags, environment, `magnet.toml`."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)

    def provider(self, name: str) -> Provider:
        """Give a provider by name.

        Raises:
            SettingsError: if it is not known, with the table to write.
        """
        known = {**PROVIDERS, **self.providers}
        if name not in known:
            raise SettingsError(
                f"no provider is named {name!r}; there are {', '.join(known)}. Another one is "
                f'declared in {CONFIG_FILE}: [providers.{name}] with base_url = "http://.../v1"'
            )
        return known[name]

    def sampling_of(self, role: Role) -> Sampling:
        """Give a role's sampling: the user's values over the defaults."""
        own = self.sampling.get(role, Sampling()).model_dump(exclude_none=True)
        return SAMPLING[role].model_copy(update=own)

    def spec_of(self, role: Role) -> str:
        """Give the SPEC of a role's model."""
        return self.models.get(role, self.model)


def load_settings(**flags: Any) -> Settings:
    """Read the settings; a flag that is None was not given.

    Raises:
        SettingsError: naming each field that cannot be used.
    """
    if unknown := list(_unknown_variables()):
        raise SettingsError("\n  ".join(("environment variables:", *unknown)))
    given = {name: value for name, value in flags.items() if value is not None}
    try:
        return Settings(**given)
    except ValidationError as error:
        raise SettingsError(
            "settings (flags, MAGNET_* variables, magnet.toml):\n  "
            + "\n  ".join(_say(problem) for problem in error.errors())
        ) from error
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{CONFIG_FILE}: cannot be read as TOML: {error}") from error
    except BrokenSourceError as error:
        # A variable that holds no JSON where a table is expected; the message names the field.
        field = re.search(r'field "(\w+)"', str(error))
        name = f"MAGNET_{field[1].upper()}" if field else "MAGNET_* variables"
        raise SettingsError(f"{name}: expected JSON, as in {{...}}") from error


def _unknown_variables() -> Iterator[str]:
    """Name the variables that look like settings and would be read by nothing."""
    source = EnvSettingsSource(Settings)
    fields = {name.upper(): field for name, field in Settings.model_fields.items()}
    tables = {name for name, field in fields.items() if source.field_is_complex(field)}
    known = [*fields, CACHE_DIR_VARIABLE.removeprefix(_PREFIX)]
    for variable in os.environ:
        prefix, name = variable[: len(_PREFIX)].upper(), variable[len(_PREFIX) :].upper()
        table, nested, _ = name.partition(_NESTED)
        if prefix != _PREFIX or name in known or (nested and table in tables):
            continue
        if _OF_A_SERVICE.fullmatch(name):
            continue
        near = difflib.get_close_matches(table, known, n=1) or known
        yield f"{variable}: there is no such setting; expected {_PREFIX}{f', {_PREFIX}'.join(near)}"


def _say(problem: ErrorDetails) -> str:
    place = ".".join(str(part) for part in problem["loc"])
    if problem["type"] != "extra_forbidden":
        return f"{place}: {problem['msg']}, found {problem['input']!r}"
    # What it holds is not shown: it may be a key.
    return (
        f"{place}: there is no such setting. Keys are read from the environment alone: name the "
        "variable with key_variable"
    )
