"""Tokenizers that are fetched by name for measuring diversity, as Llama 3's is."""

import tomllib
from functools import cache
from pathlib import Path

from magnet.evals.diversity.errors import TokenizerError
from magnet.evals.diversity.tokenizers import Tokenizer, llama3_tokenizer, open_tokenizer
from magnet.models.catalogue import CatalogueEntry
from magnet.models.download import ensure_entry
from magnet.models.errors import ModelDownloadError
from magnet.models.progress import ReportProgress

_PATH = Path(__file__).with_name("tokenizer_files.toml")


@cache
def load_tokenizers() -> dict[str, CatalogueEntry]:
    """Return the tokenizers that can be fetched, by name."""
    content = tomllib.loads(_PATH.read_text(encoding="utf-8"))
    return {name: CatalogueEntry.model_validate(entry) for name, entry in content.items()}


def ensure_tokenizer(
    spec: str, *, cache_dir: Path | None = None, progress: ReportProgress | None = None
) -> Tokenizer:
    """Open a tokenizer; `llama3` is fetched into the user's cache if it is not there.

    Its file comes out of a wheel on PyPI, of which nothing is installed.

    Args:
        spec: `llama3`, or what `open_tokenizer` takes.
        cache_dir: as in `magnet.models.download.models_folder`.
        progress: is told how far a fetch is.

    Raises:
        TokenizerError: if there is no such tokenizer, or it cannot be fetched or read.
    """
    entry = load_tokenizers().get(spec)
    if entry is None:
        return open_tokenizer(spec)
    try:
        path = ensure_entry(entry, cache_dir=cache_dir, progress=progress)
    except ModelDownloadError as error:
        raise TokenizerError(
            f"tokenizer {spec}: {error}. Or name a copy of it: {spec}:/path/to/tokenizer.model"
        ) from error
    return llama3_tokenizer(path.read_bytes(), entry.name)
