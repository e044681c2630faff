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
from magnet.models.model_id import EMBEDDED, FAKE, parse_model_id
from magnet.models.probe import EndpointError, probe
from magnet.models.roles import Role
from magnet.models.settings import Settings, SettingsError
from magnet.state.addresses import shown_url
from magnet.state.installing import how_to_install
from magnet.store import StoreError, open_store
from magnet.store.urls import shown

_PACKAGES = ("langgraph", "langchain-openai", "sqlalchemy")


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
    if any(settings.model_id_of(role).partition(":")[0] == EMBEDDED for role in get_args(Role)):
        yield _package("xllamacpp", how_to_install("embedded"))
    yield Finding("SQLite", sqlite3.sqlite_version_info >= (3, 35), sqlite3.sqlite_version)
    yield await _database(settings)
    yield Finding("providers", True, ", ".join(settings.known_providers()))
    roles_by_model_id: dict[str, list[str]] = {}
    for role in get_args(Role):
        roles_by_model_id.setdefault(settings.model_id_of(role), []).append(role)
    for model_id, roles in roles_by_model_id.items():
        yield await _model(settings, model_id, ", ".join(roles))


def _package(name: str, remedy: str = "") -> Finding:
    try:
        return Finding(name, True, version(name))
    except PackageNotFoundError:
        return Finding(name, False, "not installed", remedy or f"pip install {name}")


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
        model_id = parse_model_id(spec_text)
        if model_id.provider == FAKE:
            return Finding(what, True, "needs nothing")
        if model_id.provider == EMBEDDED:
            return _embedded(what, model_id.model)
        provider = settings.provider(model_id.provider)
        served = await probe(model_id.provider, provider, read_key(model_id, provider))
    except (SettingsError, EndpointError) as error:
        return Finding(what, False, str(error))
    where = shown_url(provider.base_url)
    if served and model_id.model not in served:
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
