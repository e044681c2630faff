"""A model file on Hugging Face, its publisher's own; a fetch that broke off goes on where it was.

`hf_hub_download` would throw a part away when it breaks off, so its two steps are taken here.
"""

import os
from pathlib import Path
from typing import Any, Self

from magnet.models.catalogue import CatalogueEntry, HubFile
from magnet.models.errors import ModelDownloadError
from magnet.models.progress import ReportProgress
from magnet.state.errors import Extra

_ANSWERS_WITHIN = 5.0
"""Seconds: a machine that the hub is closed to is told soon."""


def fetch_hub(entry: CatalogueEntry, hub: HubFile, target: Path, progress: ReportProgress) -> None:
    """Bring the file to `target`, which may hold the first part of it already.

    Raises:
        ModelDownloadError: if the hub does not answer, or has another file there.
    """
    try:
        import httpx2  # what huggingface_hub raises the errors of
        from huggingface_hub import hf_hub_url

        # Typed over a dict without arguments, which strict checking calls unknown.
        from huggingface_hub.file_download import (
            get_hf_file_metadata,  # pyright: ignore[reportUnknownVariableType]
            http_get,  # pyright: ignore[reportUnknownVariableType]
        )
    except ImportError as error:
        raise ModelDownloadError(
            f"{hub.url}: fetching it needs huggingface_hub, which is not installed: {{install}}",
            install=Extra("embedded"),
        ) from error
    endpoint = os.environ.get("HF_ENDPOINT")
    done = target.stat().st_size if target.exists() else 0

    def make_bar(**told: Any) -> _Bar:
        return _Bar(entry, progress, told["initial"])

    bar: Any = make_bar  # `http_get` wants a class of tqdm's, but only calls it
    progress(done, entry.size, f"{entry.name}: asking Hugging Face")
    try:
        url = hf_hub_url(hub.repo, hub.file, revision=hub.revision, endpoint=endpoint)
        # The files are public: no token of the user's is sent.
        found = get_hf_file_metadata(url, token=False, timeout=_ANSWERS_WITHIN, endpoint=endpoint)
        if found.size not in (None, entry.size):
            raise ModelDownloadError(
                f"{hub.url} is not {entry.name}: expected {entry.size} bytes, it has {found.size}"
            )
        with target.open("ab") as file:
            http_get(
                found.location,
                file,
                resume_size=done,
                expected_size=entry.size,
                tqdm_class=bar,
            )
    except (httpx2.HTTPError, httpx2.InvalidURL, ConnectionError) as error:
        raise _unfetched(hub, error) from error
    except OSError as error:
        if error.errno is not None:
            raise
        raise _unfetched(hub, error) from error


def _unfetched(hub: HubFile, error: Exception) -> ModelDownloadError:
    reason = " ".join(str(error).split()) or type(error).__name__
    return ModelDownloadError(f"{hub.url} could not be downloaded: {reason}")


class _Bar:
    """What `http_get` takes for a progress bar."""

    def __init__(self, entry: CatalogueEntry, progress: ReportProgress, done: int) -> None:
        self._entry, self._progress, self._done = entry, progress, done

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None: ...

    def update(self, count: int) -> None:
        """Take note of more bytes."""
        self._done += count
        self._progress(self._done, self._entry.size, f"{self._entry.name}: from Hugging Face")
