"""Evaluating and comparing from Python: what the commands print."""

from collections.abc import Generator
from pathlib import Path

import pytest

import magnet as api
from tests.magnet.commands import Magnet


@pytest.fixture
def workspace(magnet: Magnet) -> Generator[api.SyncWorkspace]:
    """With a run of two methods."""
    with api.open_workspace_sync(model="fake", turns=4) as workspace:
        workspace.generate(api.read_clients(limit=3), "pilot", ["psych8k", "cactus"]).finish()
        yield workspace


@pytest.mark.slow
def test_an_evaluation_is_that_of_the_command_line(
    workspace: api.SyncWorkspace, magnet: Magnet, tmp_path: Path
) -> None:
    metrics = ["quality", "diversity"]
    found = workspace.evaluate("pilot", metrics, reference="pilot-cactus-0001-positive", tokens=20)
    command = ("pilot", "--metrics", ",".join(metrics), "--tokens", 20)
    reference = ("--reference", "pilot-cactus-0001-positive")
    assert magnet("eval", *command, *reference, "--json", "--out", "there").json == found.data
    files = found.write("here")
    assert files
    for file in files:
        there = Path("there") / file.relative_to("here")
        assert file.suffix == ".svg" or file.read_bytes() == there.read_bytes()
        assert there.exists()
    assert found.tables["diversity"][0].title == "diversity"


def test_an_evaluation_as_a_data_frame(workspace: api.SyncWorkspace) -> None:
    found = workspace.evaluate(["pilot"], "diversity")
    frame = found.to_pandas()
    assert list(frame["run"]) == ["pilot psych8k", "pilot cactus"]
    assert frame["Distinct-1"].between(0, 1).all()
    assert found.to_pandas("diversity").equals(frame)
    shown = found._repr_html_()  # pyright: ignore[reportPrivateUsage]  # Jupyter's
    assert '<td style="text-align: left">pilot cactus</td>' in shown
    with pytest.raises(api.BadUseError, match="expected one of diversity, found 'quality'"):
        found.to_pandas("quality")
    several = workspace.evaluate("pilot", ["quality", "diversity"])
    with pytest.raises(api.BadUseError, match="expected one of quality, diversity"):
        several.to_pandas()
    assert repr(several) == "EvaluatedRuns(quality, diversity)"


def test_a_comparison_is_that_of_the_command_line(
    workspace: api.SyncWorkspace, magnet: Magnet
) -> None:
    arms = ["pilot:cactus", "pilot:psych8k"]
    found = workspace.compare(arms, ["calls"], seed=3)
    options = ("--metrics", "calls", "--seed", 3, "--json", "--out", "there")
    assert magnet("compare", *arms, *options).json == found.data
    assert found.write("here").read_bytes() == Path("there/comparison.json").read_bytes()
    frame = found.to_pandas()
    assert set(frame["arm"]) == {"pilot:cactus", "pilot:psych8k"}
    assert set(frame["measure"]) >= {"model calls", "prompt tokens"}
    assert found.tables[0].title == "arms"
    assert "model calls" in found._repr_html_()  # pyright: ignore[reportPrivateUsage]  # Jupyter's
    assert repr(found) == "ComparedArms(pilot:cactus, pilot:psych8k)"


def test_a_judge_is_asked_as_the_command_line_asks(
    workspace: api.SyncWorkspace, magnet: Magnet
) -> None:
    found = workspace.evaluate("pilot", "coherence", judges=["fake"], samples=1)
    options = ("--metrics", "coherence", "--judge", "fake", "--samples", 1, "--json")
    printed = magnet("eval", "pilot", *options)
    assert printed.json == found.data
    assert found.data["coherence"]["failed"] == 0


def test_what_cannot_be_evaluated_is_named(workspace: api.SyncWorkspace) -> None:
    with pytest.raises(api.BadUseError, match="qualty"):
        workspace.evaluate("pilot", "qualty")
    with pytest.raises(api.BadUseError, match="pilto"):
        workspace.evaluate("pilto")
    with pytest.raises(api.BadUseError, match="'tokns'; expected tokens"):
        workspace.evaluate("pilot", "diversity", tokns=20)
    with pytest.raises(api.BadUseError, match="tokens"):
        workspace.evaluate("pilot", "diversity", tokens="many")
    with pytest.raises(api.BadUseError, match="calsl"):
        workspace.compare("pilot", "calsl")
