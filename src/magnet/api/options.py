"""Settings as keyword arguments: their types, and how they are put over one another."""

import difflib
from collections.abc import Mapping, Sequence
from os import PathLike
from typing import Any, Literal, TypedDict, cast

from magnet.models.settings import (
    Embedded,
    Price,
    Provider,
    Role,
    Sampling,
    Settings,
    SettingsError,
    load_settings,
)
from magnet.prompts import Layout
from magnet.state import DirectorParts

Table = Mapping[str, Any]


class SessionOptions(TypedDict, total=False):
    """Settings that each session or run may have of its own.

    Those of a call stand over those that the workspace was opened with.
    """

    model: str
    """The model of every role: `embedded`, `fake`, or `PROVIDER:MODEL`."""
    models: Mapping[Role, str]
    """The models of single roles, over `model`."""
    sampling: Mapping[Role, Sampling | Table]
    min_turns: int
    """The client may not end the session before; by default half the turn limit."""
    layout: Layout
    """The order of a prompt: "shared-first" or "paper"."""
    checks: bool
    """Whether answers are cleaned, and bad ones asked again."""
    director: DirectorParts | Table
    cache: str
    """Database of a response cache."""
    keep_checkpoints: Literal["all", "exchanges", "last"]
    log_calls: Literal["texts", "full"]


class PlayOptions(SessionOptions, total=False):
    """What one session is to be, besides its client."""

    method: str | None
    """Name of a method, as in `AsyncWorkspace.methods`; None takes the workspace's."""
    turns: int | None
    """Turn limit: generated utterances of both speakers, an even number; None takes the
    workspace's."""
    seed: int
    """Every random choice of the session derives from it; 0 by default."""
    session_id: str | None
    """Id of the new session; None makes one up."""
    stop_at: Sequence[str]
    """Agents to stop before, such as "selector"."""
    stop_when: str
    """Where to stop, as a condition such as `turn == 10`."""


class WorkspaceOptions(SessionOptions, total=False):
    """All settings but the database, as `magnet.toml` has them (docs/models.md)."""

    method: str
    turns: int
    """Turn limit: generated utterances of both speakers, an even number."""
    providers: Mapping[str, Provider | Table]
    prices: Mapping[str, Price | Table]
    embedded: Embedded | Table
    methods_file: str | PathLike[str]
    prompts_dir: str | PathLike[str]
    import_file_bytes: int
    import_archive_bytes: int
    scales_dir: str | PathLike[str]
    concurrency: int
    """Sessions played at once in a run."""


OPENING = frozenset(
    {
        *("db", "providers", "prices", "embedded"),
        *("methods_file", "prompts_dir", "scales_dir"),
        *("import_file_bytes", "import_archive_bytes"),
    }
)
"""Settings that are the workspace's: a call cannot have its own."""


def settings_from(given: Mapping[str, object]) -> Settings:
    """Read the settings of a workspace: the given ones over the environment and `magnet.toml`.

    Raises:
        SettingsError: If there is no such setting, or a value does not fit.
    """
    _refuse_unknown(given, set(Settings.model_fields), "open_workspace")
    settings = load_settings(**given)
    if given.get("model") is None:
        return settings
    # A model for every role stands over those of single roles in `magnet.toml`.
    return settings.model_copy(update={"models": dict(cast(Table, given.get("models") or {}))})


def settings_over(settings: Settings, given: Mapping[str, object], call: str) -> Settings:
    """Put the settings of one call over those of its workspace; of a table, entry by entry.

    Args:
        settings: Of the workspace.
        given: By name; one that is None was not given.
        call: The method that was called, for messages.

    Raises:
        SettingsError: If there is no such setting, it is the workspace's, or a value does not fit.
    """
    own = {name: value for name, value in given.items() if value is not None}
    _refuse_unknown(own, set(Settings.model_fields) - OPENING, call)
    if not own:
        return settings
    tables: Mapping[str, Mapping[Any, Any]] = {
        # A model for every role stands over those of single roles that were named before.
        "models": {} if "model" in own else settings.models,
        "sampling": settings.sampling,
        "director": settings.director.model_dump(),
    }
    for name, table in tables.items():
        if isinstance(value := own.get(name), Mapping):
            own[name] = dict(table) | dict(cast(Table, value))
    read = load_settings(**own)
    update = {name: getattr(read, name) for name in own}
    if "model" in own or "models" in own:
        # Without those that `magnet.toml` adds again.
        update["models"] = own.get("models", {})
    return settings.model_copy(update=update)


def _refuse_unknown(given: Mapping[str, object], known: set[str], call: str) -> None:
    for name in given:
        if name in OPENING and name not in known:
            raise SettingsError(
                f"{call}: {name} is a setting of the workspace: open it with {name}"
            )
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            expected = (
                f"did you mean {near[0]}?" if near else f"there are {', '.join(sorted(known))}"
            )
            raise SettingsError(f"{call}: there is no setting {name!r}; {expected}")
