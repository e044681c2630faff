"""Options that several commands share, so that they read and mean the same everywhere."""

from typing import Annotated

import typer

from magnet.models.spec import parse_assignment
from magnet.settings import Settings, load_settings

Db = Annotated[
    str | None,
    typer.Option("--db", help="SQLite file or database URL. Default: the user's data folder."),
]
Model = Annotated[
    list[str] | None,
    typer.Option(
        "--model",
        "-m",
        help="SPEC for every role, or ROLE=SPEC for one; may be repeated. "
        "SPEC: embedded[:NAME_OR_PATH], fake, PROVIDER:MODEL.",
    ),
]
Layout = Annotated[
    str | None,
    typer.Option("--layout", help="shared-first (default) or paper: the order of a prompt."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]


def settings_from(db: str | None, models: list[str] | None, **flags: object) -> Settings:
    """Read the settings under the flags of a command line."""
    assigned = [parse_assignment(text) for text in models or ()]
    everywhere = [spec for role, spec in assigned if role is None]
    by_role = {role: spec for role, spec in assigned if role is not None}
    settings = load_settings(db=db, model=everywhere[-1] if everywhere else None, **flags)
    if by_role or everywhere:
        # A SPEC for every role on the command line stands over magnet.toml's for single roles.
        kept = {} if everywhere else settings.models
        settings = load_settings(**{**settings.model_dump(), "models": {**kept, **by_role}})
    return settings
