"""Writing a report: what is stored about sides, gathered, compared and laid out."""

import html
from collections.abc import Mapping, Sequence
from pathlib import Path

from evals.comparison.results import Comparison
from magnet.comparison import compare
from magnet.metrics.metric import DiversityOptions
from magnet.reporting.errors import ReportError
from magnet.workspace import Workspace


async def write_report(
    workspace: Workspace,
    names: Sequence[str],
    out: Path,
    *,
    title: str = "Evaluation of counseling sessions",
    comparison: Comparison | None = None,
    diversity: DiversityOptions | None = None,
    seed: int = 0,
) -> Path:
    """Write a report on sides into a folder: `report.html` and `report.md`.

    Nothing is asked of a model: what is missing is said to be missing, with the command that makes
    it. The page is one file that asks the network for nothing; transcripts stand in it.

    Args:
        workspace: where the sides are stored.
        names: one side or more, each a `RUN` or a `RUN:METHOD`; a run of several methods stands for
            all of them. The others are tested against the first.
        out: the folder.
        title: of the page.
        comparison: of these very sides, if it has been made; none makes it.
        diversity: how that is measured; none takes its defaults.
        seed: of resamples and permutations.

    Returns:
        The path of the page.

    Raises:
        ReportError: if a file cannot be written.
        UnknownIdError, SideError: if the sides cannot be found or compared.
        TokenizerError, DiversityError: if diversity cannot be measured so.
        StoreError: if the database cannot be read.
    """
    found = comparison or await compare(workspace, names, diversity=diversity, seed=seed)
    files = {
        "report.html": f"<!doctype html><title>{html.escape(title)}</title>",
        "report.md": f"# {title}\n\n{found.reference}\n",
    }
    _write(files, out)
    return out / "report.html"


def _write(files: Mapping[str, str], folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            (folder / name).write_text(text, encoding="utf-8")
    except OSError as error:
        raise ReportError(
            f"{error.filename or folder}: cannot be written ({error.strerror or error}). "
            "Name another folder with --out"
        ) from error
