"""A model file on Hugging Face, fetched over HTTP; a broken-off download goes on where it was."""

from http import HTTPStatus
from pathlib import Path

import httpx

from magnet.models.catalogue import CatalogueEntry, HubFile
from magnet.models.errors import ModelDownloadError
from magnet.models.progress import ReportProgress

_TIMEOUT = httpx.Timeout(30, connect=10)


def fetch_hub(entry: CatalogueEntry, hub: HubFile, target: Path, progress: ReportProgress) -> None:
    """Bring the file to `target`, which may hold the first part of it already.

    Raises:
        ModelDownloadError: if the hub does not answer, or not with the file.
    """
    try:
        _download(entry, hub, target, progress)
    except httpx.HTTPError as error:
        reason = str(error) or type(error).__name__
        raise ModelDownloadError(f"{hub.url} could not be downloaded: {reason}") from error


def _download(entry: CatalogueEntry, hub: HubFile, target: Path, progress: ReportProgress) -> None:
    done = target.stat().st_size if target.exists() else 0
    if done >= entry.size:
        return
    headers = {"Range": f"bytes={done}-"} if done else {}
    with httpx.stream(
        "GET", hub.url, headers=headers, timeout=_TIMEOUT, follow_redirects=True
    ) as response:
        response.raise_for_status()
        goes_on = response.status_code == HTTPStatus.PARTIAL_CONTENT
        done = done if goes_on else 0
        with target.open("ab" if goes_on else "wb") as file:
            for chunk in response.iter_bytes():
                file.write(chunk)
                done += len(chunk)
                progress(done, entry.size, f"{entry.name}: from Hugging Face")
