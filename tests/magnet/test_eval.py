"""`magnet eval`, by command and by function."""

import json
import sys
from pathlib import Path

import pytest

from magnet.evals.evaluation import evaluate, read_columns
from magnet.evals.metrics.metric import EvaluationError
from magnet.models.settings import load_settings
from magnet.sessions.workspace import open_workspace
from magnet.state.installing import how_to_install
from magnet.store import Run
from tests.magnet.commands import Magnet
from tests.store.foreign import published, write


@pytest.mark.usefixtures("runs")
def test_runs_stand_side_by_side_with_the_published_figures(magnet: Magnet) -> None:
    outcome = magnet("eval", "old", "mixed")
    assert outcome.code == 0
    lines = outcome.out.splitlines()
    names = next(line for line in lines if " old " in line).split("┃")[2:5]
    assert [name.strip() for name in names] == [
        "old",
        "mixed imported-magnet",
        "mixed imported-cactus",
    ]
    questions, *by_group = (line for line in lines if "that end with a question" in line)
    cells = [cell.strip() for cell in questions.split("│")[1:-1]]
    assert cells[1:4] == ["! 0.0%", "! 0.0%", "! 100.0%"]
    assert cells[4:] == ["86.0%", "40% to 65%"]
    assert len(by_group) == 3, "a table by role, attitude and exchange for each column"


@pytest.mark.usefixtures("runs")
def test_json_says_what_each_measure_is_and_what_was_found(magnet: Magnet) -> None:
    data = magnet("eval", "old", "--metrics", "quality", "--json").json["quality"]
    assert data["measures"]["client_near_duplicates"]["at_most"] == 0.03
    assert (data["runs"]["old"]["sessions"], data["runs"]["old"]["clients"]) == (2, 1)
    found = data["runs"]["old"]["measures"]["plan_cut_off"]
    assert found["overall"]["value"] == 1
    assert found["by_attitude"].keys() == {"positive", "neutral"}
    assert data["reference"] is None


@pytest.mark.usefixtures("runs")
def test_a_reference_is_a_run_measured_in_the_same_way_and_not_judged(magnet: Magnet) -> None:
    lines = magnet("eval", "old-0001", "--reference", "old").out.splitlines()
    headings = [cell.strip() for cell in next(x for x in lines if " aim " in x).split("┃")[2:-1]]
    assert headings == ["sessions: 1, clients: 1", "published", "sessions: 2, clients: 1", "aim"]
    questions = next(line for line in lines if "that end with a question" in line)
    cells = [cell.strip() for cell in questions.split("│")[2:-1]]
    assert cells == ["! 0.0%", "86.0%", "0.0%", "40% to 65%"]
    data = magnet("eval", "old", "--reference", "old", "--json").json["quality"]
    assert data["reference"] == data["runs"]["old"]


@pytest.mark.usefixtures("runs")
def test_a_reference_is_a_run_of_one_method(magnet: Magnet) -> None:
    mixed = magnet("eval", "old", "--reference", "mixed")
    assert mixed.code == 2
    assert "--reference mixed: expected sessions of one method, found 2" in mixed.said
    assert magnet("eval", "old", "--reference", "nobody").code == 2


@pytest.mark.usefixtures("runs")
def test_a_session_can_be_evaluated_alone(magnet: Magnet) -> None:
    data = magnet("eval", "old-0001", "--json").json["quality"]
    assert data["runs"]["old-0001"]["sessions"] == 1


@pytest.mark.slow
def test_out_holds_the_json_and_a_plot_of_each_measure(magnet: Magnet, tmp_path: Path) -> None:
    pytest.importorskip("altair")
    pytest.importorskip("vl_convert")
    write(tmp_path / "forms" / "session_1.json", published(dialogue=_long_dialogue()))
    magnet("import", tmp_path / "forms", "--run", "old")
    outcome = magnet("eval", "old", "--out", tmp_path / "evaluation")
    assert outcome.code == 0
    data = json.loads((tmp_path / "evaluation" / "quality.json").read_bytes())
    assert data["runs"]["old"]["sessions"] == 1
    plots = {path.stem: path.read_text() for path in (tmp_path / "evaluation/quality").iterdir()}
    assert {"client_near_duplicates", "counselor_words", "plan_words_said"} <= plots.keys()
    assert "closing_cues" not in plots, "a session closes once"
    assert plots["client_near_duplicates"].startswith("<svg")
    assert "client utterances close to an earlier one" in plots["client_near_duplicates"]


def _long_dialogue() -> list[dict[str, str]]:
    said = ("Hello.", "The bread burns.", *("Which bread burns?", "Today the rye bread burns.") * 3)
    roles = ("counselor", "client") * 4
    return [{"role": role, "message": text} for role, text in zip(roles, said, strict=True)]


@pytest.mark.usefixtures("runs")
def test_missing_plotting_is_told_with_its_extra_and_the_json_is_there(
    magnet: Magnet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "vl_convert", None)
    outcome = magnet("eval", "old", "--out", tmp_path / "evaluation")
    assert outcome.code == 2
    assert how_to_install("eval") in outcome.said
    assert (tmp_path / "evaluation" / "quality.json").exists()


@pytest.mark.usefixtures("runs")
def test_what_cannot_be_evaluated_is_told(magnet: Magnet, tmp_path: Path) -> None:
    unknown = magnet("eval", "old", "--metrics", "beauty,quality")
    assert (unknown.code, "--metrics beauty: expected some of quality" in unknown.said) == (2, True)
    assert magnet("eval", "nobody").code == 2
    (tmp_path / "taken").write_text("a file")
    taken = magnet("eval", "old", "--out", tmp_path / "taken")
    assert (taken.code, "--out" in taken.said) == (2, True)


async def test_a_run_without_a_finished_session_is_told_with_the_remedy(tmp_path: Path) -> None:
    async with open_workspace(load_settings(db=str(tmp_path / "sessions.db"))) as workspace:
        await workspace.store.runs.create(Run(name="empty", settings={}))
        with pytest.raises(EvaluationError, match=r"no finished session.*magnet resume empty"):
            await evaluate(workspace, ["empty"], ["quality"])


def test_a_session_that_is_not_finished_is_not_measured(magnet: Magnet) -> None:
    stopped = ("--session", "begun", "--stop-at", "fusion", "--stop-when", "turn")
    assert magnet("run", "--model", "fake", "--turns", 6, *stopped).code == 0
    told = magnet("eval", "begun")
    assert (told.code, "begun is not finished" in told.said) == (2, True)
    assert "magnet resume begun" in told.said


async def test_a_column_is_a_method_of_a_run(runs: None, tmp_path: Path) -> None:
    async with open_workspace(load_settings(db=str(tmp_path / "sessions.db"))) as workspace:
        columns = await read_columns(workspace, ["old", "mixed", "old"])
    assert {name: len(sessions) for name, sessions in columns.items()} == {
        "old": 2,
        "mixed imported-magnet": 1,
        "mixed imported-cactus": 1,
    }
