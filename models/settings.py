"""Settings: flags, then `MAGNET_*` variables, then `magnet.toml`, then the defaults here."""

import difflib
import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, cast

from platformdirs import user_data_path
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from pydantic_core import ErrorDetails
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)
from pydantic_settings import SettingsError as BrokenSourceError

from magnet.models.providers import PROVIDERS, Price, Provider, known_providers
from magnet.models.roles import SAMPLING, Role, Sampling
from magnet.prompts import Layout
from magnet.state import TURN_LIMIT, DirectorParts
from magnet.state.errors import BadUseError

CONFIG_FILE = "magnet.toml"
CACHE_DIR_VARIABLE = "MAGNET_CACHE_DIR"
"""Names the folder of the fetched models, which every invocation shares: it is no setting."""
_PREFIX = "MAGNET_"
_NESTED = "__"
_LONGEST_SHOWN = 12
_WORDS = re.compile(r"[\w. -]*")
# What Kubernetes and Docker set in every container beside a service called "magnet".
# https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables
_OF_A_SERVICE = re.compile(
    r"SERVICE_(HOST|PORT(_\w+)?)|PORT(_\d+_(TCP|UDP|SCTP)(_(ADDR|PORT|PROTO))?)?"
)


class SettingsError(BadUseError):
    """Settings that cannot be used: names the place, the field and what was expected."""


class Embedded(BaseModel):
    """How the embedded model is run."""

    model_config = ConfigDict(extra="forbid")

    threads: int | None = Field(default=None, ge=1, description="none takes this machine's cores")
    context: int | None = Field(default=None, ge=512, description="tokens per agent")


def default_database() -> str:
    """Return the database in the user's data folder."""
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
    model: str = Field(default="embedded", description="model id for every role")
    models: dict[Role, str] = Field(default_factory=dict[Role, str], description="model id by role")
    providers: dict[str, Provider] = Field(default_factory=dict[str, Provider])
    sampling: dict[Role, Sampling] = Field(default_factory=dict[Role, Sampling])
    prices: dict[str, Price] = Field(default_factory=dict[str, Price], description="by model id")
    embedded: Embedded = Embedded()
    method: str = "magnet"
    methods_file: Path | None = Field(default=None, description="TOML file with more methods")
    prompts_dir: Path | None = Field(default=None, description="folder whose prompts replace ours")
    import_file_bytes: int = Field(
        default=256 * 2**20, ge=1, description="bytes of one file that an import reads at most"
    )
    import_archive_bytes: int = Field(
        default=4 * 2**30, ge=1, description="bytes of all files of a zip archive, unpacked"
    )
    scales_dir: Path | None = Field(default=None, description="folder of scales that join ours")
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

    @field_validator("providers", mode="before")
    @classmethod
    def _over_known_providers(cls, given: object) -> object:
        """Lay each table over the provider of its name, where that is known without the table."""
        if not isinstance(given, Mapping):
            return given
        tables = cast(Mapping[str, object], given)
        return {name: _over_known(name, table) for name, table in tables.items()}

    def known_providers(self) -> Mapping[str, Provider]:
        """Return all providers by name; what `magnet.toml` says of one is laid over it."""
        return {**known_providers(), **self.providers}

    def provider(self, name: str) -> Provider:
        """Return a provider by name.

        Raises:
            SettingsError: if it is not known, with the table to write.
        """
        # Other distributions are looked through for an unknown name alone.
        found = {**PROVIDERS, **self.providers}.get(name) or known_providers().get(name)
        if found is None:
            raise SettingsError(
                f"no provider is named {name!r}; there are {', '.join(self.known_providers())}. "
                f"Another one is declared in {CONFIG_FILE}: [providers.{name}] with "
                f'base_url = "http://.../v1"'
            )
        return found

    def sampling_of(self, role: Role) -> Sampling:
        """Return a role's sampling: the user's values over the defaults."""
        own = self.sampling.get(role, Sampling()).model_dump(exclude_none=True)
        return SAMPLING[role].model_copy(update=own)

    def model_id_of(self, role: Role) -> str:
        """Return a role's model id."""
        return self.models.get(role, self.model)


def _over_known(name: str, table: object) -> object:
    known = known_providers().get(name)
    if known is None or not isinstance(table, Mapping):
        return table
    return {**known.model_dump(), **cast(Mapping[str, object], table)}


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
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
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


def _may_be_shown(value: object) -> bool:
    """Return whether a value is surely no key, password or address with one in it."""
    if isinstance(value, str):
        return len(value) <= _LONGEST_SHOWN and _WORDS.fullmatch(value) is not None
    return value is None or isinstance(value, bool | int | float)


def _say(problem: ErrorDetails) -> str:
    place = ".".join(str(part) for part in problem["loc"])
    if problem["type"] != "extra_forbidden":
        found = problem["input"]
        told = f", found {found!r}" if _may_be_shown(found) else ""
        return f"{place}: {problem['msg']}{told}"
    # What it holds is not shown: it may be a key.
    return (
        f"{place}: there is no such setting. Keys are read from the environment alone: name the "
        "variable with key_variable"
    )
