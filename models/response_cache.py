"""An optional cache of answers, for judging or developing again on the same prompts.

langchain-community's SQLAlchemy cache: the same messages to the same model with the same seed and
sampling are answered from the database. It is off unless `cache` is set, since a cached answer is
no new sample.
"""

from langchain_core.caches import BaseCache

from magnet.models.settings import SettingsError
from magnet.state.errors import Extra
from magnet.store import database_url


def open_response_cache(where: str) -> BaseCache:
    """Open the cache in a database.

    Args:
        where: a file, or the URL of a database.

    Raises:
        SettingsError: if langchain-community is not installed.
        StoreError: if the URL cannot be read.
    """
    from sqlalchemy import create_engine

    try:
        from langchain_community.cache import SQLAlchemyMd5Cache
    except ImportError as error:
        raise SettingsError(
            "cache: needs langchain-community; {extra}", extra=Extra("cache")
        ) from error
    return SQLAlchemyMd5Cache(create_engine(database_url(where)))
