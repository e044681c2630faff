"""What is installed, which endpoints answer, and what to do about what does not."""

import sqlite3
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import get_args

from magnet.models.catalogue import default_model, load_catalogue
from magnet.models.download import find_room
from magnet.models.errors import ModelDownloadError
from magnet.models.keys import read_key
from magnet.models.model_id import EMBEDDED, FAKE, parse_spec
from magnet.models.probe import EndpointError, probe
from magnet.models.roles import Role
from magnet.models.settings import Settings, SettingsError
from magnet.state.addresses import shown_url
from magnet.store import StoreError, open_store
from magnet.store.urls import shown

_PACKAGES = ("langgraph", "langchain-openai", "sqlalchemy", "xllamacpp")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    what: str
    good: bool
    found: str
    remedy: str = ""


async def examine(settings: Settings) -> AsyncGenerator[Finding]:
    """Look at the packages, the database, the known providers and each role's endpoint."""
    for package in _PACKAGES:
        yield _package(package)
    yield Finding("SQLite", sqlite3.sqlite_version_info >= (3, 35), sqlite3.sqlite_version)
    yield await _database(settings)
    yield Finding("providers", True, ", ".join(settings.known_providers()))
    roles_by_spec: dict[str, list[str]] = {}
    for role in get_args(Role):
        roles_by_spec.setdefault(settings.spec_of(role), []).append(role)
    for spec, roles in roles_by_spec.items():
        yield await _model(settings, spec, ", ".join(roles))


def _package(name: str) -> Finding:
    try:
        return Finding(name, True, version(name))
    except PackageNotFoundError:
        return Finding(name, False, "not installed", f"pip install {name}")


async def _database(settings: Settings) -> Finding:
    try:
        async with open_store(settings.db) as store:
            count = len(await store.sessions.list())
            return Finding("database", True, f"{shown(store.url)}: {count} sessions")
    except StoreError as error:
        return Finding("database", False, str(error), "name another one with --db")


async def _model(settings: Settings, spec_text: str, roles: str) -> Finding:
    what = f"model {spec_text} ({roles})"
    try:
        spec = parse_spec(spec_text)
        if spec.provider == FAKE:
            return Finding(what, True, "needs nothing")
        if spec.provider == EMBEDDED:
            return _embedded(what, spec.model)
        provider = settings.provider(spec.provider)
        served = await probe(spec.provider, provider, read_key(spec, provider))
    except (SettingsError, EndpointError) as error:
        return Finding(what, False, str(error))
    where = shown_url(provider.base_url)
    if served and spec.model not in served:
        return Finding(
            what,
            False,
            f"{shown_url(provider.base_url)} answers, without this model",
            f"it serves {served}",
        )
    return Finding(what, True, f"{where} answers")


def _embedded(what: str, name: str) -> Finding:
    entry = load_catalogue().get(name or default_model())
    if entry is None:
        exists = Path(name).exists()
        return Finding(what, exists, name if exists else f"no file {name}", "give a GGUF file")
    try:
        path = find_room(entry)
    except ModelDownloadError as error:
        return Finding(what, False, str(error))
    there = path.exists()
    wanted = f"not fetched yet; the first run does it, into {path.parent}"
    return Finding(what, True, f"{entry.title} in {path}" if there else wanted)
