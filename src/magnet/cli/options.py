"""Options that several commands share, so that they read and mean the same everywhere."""

import sys
from pathlib import Path
from typing import Annotated, get_args

import typer

from magnet.models.model_id import parse_assignment
from magnet.models.roles import Role
from magnet.models.settings import Settings, SettingsError, load_settings

Db = Annotated[
    str | None,
    typer.Option("--db", help="SQLite file or database URL. Default: the user's data folder."),
]
Model = Annotated[
    list[str] | None,
    typer.Option(
        "--model",
        "-m",
        help="MODEL_ID for every role, or ROLE=MODEL_ID for one; may be repeated. "
        "MODEL_ID: embedded[:NAME_OR_PATH], fake, PROVIDER:MODEL.",
    ),
]
Layout = Annotated[
    str | None,
    typer.Option("--layout", help="shared-first (default) or paper: the order of a prompt."),
]
Seed = Annotated[int, typer.Option("--seed", min=0, max=2**63 - 1)]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]


def settings_from(db: str | None, models: list[str] | None, **flags: object) -> Settings:
    """Read the settings under the flags of a command line."""
    return with_model_flags(load_settings(db=db, **flags), models)


def with_model_flags(settings: Settings, models: list[str] | None) -> Settings:
    """Override settings by `--model` flags; a model id for every role also overrides single roles.

    Raises:
        SettingsError: if a flag names no role.
    """
    assigned = [parse_assignment(text) for text in models or ()]
    by_role = {role: model_id for role, model_id in assigned if role is not None}
    everywhere = [model_id for role, model_id in assigned if role is None]
    for role in by_role.keys() - set(get_args(Role)):
        raise SettingsError(f"--model {role}=...: expected one of {', '.join(get_args(Role))}")
    if everywhere:
        settings = settings.model_copy(update={"model": everywhere[-1], "models": {}})
    return settings.model_copy(update={"models": {**settings.models, **by_role}})


def write_output(data: bytes, out: Path | None) -> None:
    """Write a command's result to a file, or to standard output.

    Raises:
        typer.BadParameter: if the file cannot be written.
    """
    if out is None:
        sys.stdout.buffer.write(data)
        return
    try:
        out.write_bytes(data)
    except OSError as error:
        raise typer.BadParameter(f"{out}: {error.strerror}", param_hint="--out") from error
