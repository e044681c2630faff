"""The notebooks run as they are, from their first cell to their last."""

from pathlib import Path
from typing import Any

import pytest
from nbclient import NotebookClient
from nbformat import read

from tests.magnet.commands import environment

FOLDER = Path(__file__).parents[2] / "examples" / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))


@pytest.fixture
def away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of a user who has set nothing."""
    import os

    for name in os.environ.keys() - environment(tmp_path).keys():
        monkeypatch.delenv(name)
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    return tmp_path


def shown(cell: Any) -> set[str]:
    """The kinds of what a cell displays."""
    return {kind for output in cell.outputs for kind in output.get("data", ())}


@pytest.mark.slow
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs(path: Path, away: Path) -> None:
    notebook = read(path, as_version=4)
    resources = {"metadata": {"path": str(away)}}
    NotebookClient(notebook, timeout=120, kernel_name="python3", resources=resources).execute()
    kinds = [shown(cell) for cell in notebook.cells if cell.cell_type == "code"]
    assert sum("image/svg+xml" in some for some in kinds) >= 2, "its pictures are drawn"
    errors = [
        output.text
        for cell in notebook.cells
        for output in cell.get("outputs", ())
        if output.get("name") == "stderr"
    ]
    assert errors == []


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_committed_without_outputs(path: Path) -> None:
    cells = read(path, as_version=4).cells
    assert [
        cell.execution_count for cell in cells if cell.cell_type == "code" if cell.outputs
    ] == []
    assert all(cell.execution_count is None for cell in cells if cell.cell_type == "code")


def test_there_are_notebooks() -> None:
    assert [path.stem for path in NOTEBOOKS] == ["evaluate-a-run", "play-a-session"]
