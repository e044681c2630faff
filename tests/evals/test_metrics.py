"""The registry of metrics, and what other distributions add to it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from magnet.evals.metrics.judged import JudgingOptions
from magnet.evals.metrics.metric import EvaluationError, Options
from magnet.evals.metrics.registry import compared, evaluated, metrics
from tests.magnet.commands import Outcome, environment

METRIC = """
from dataclasses import dataclass

from magnet.evals.comparison.families import Family
from magnet.evals.metrics.metric import Metric, Result, SessionValues
from magnet.state.table import Table, columns_of


@dataclass(frozen=True)
class LengthOptions:
    speaker: str = "counselor"
    least: int = 0


def count(session, options=LengthOptions()):
    said = [u for u in session.utterances if u.speaker == options.speaker]
    return sum(len(u.text) >= options.least for u in said)


async def measure(request):
    options = request.options.of(LengthOptions)
    rows = [(n, sum(count(s, options) for s in some)) for n, some in request.columns.items()]
    table = Table(title="said", columns=columns_of("run", "said", kind="count"), rows=rows)
    return Result(tables=[table], data=table.records())


async def by_session(request, names):
    values = {s.id: {"said": float(count(s))} for s in request.sessions}
    family = Family(
        metric="said", title="said: all", measures={"said": ("said", "count")}, values=values
    )
    return SessionValues([family], ["said: nothing is missing"])


SAID = Metric(
    name="said", help="How much is said.", options=LengthOptions, measure=measure,
    by_session=by_session,
)
"""
SCALE = """
title: Warmth
source: made for this test
low: 1
high: 3
anchors: {1: cold, 3: warm}
sheets:
  warmth: {shape: item, sees: [dialogue], task: Rate the warmth.}
items:
  warm: {title: Warm}
"""


@pytest.fixture
def plugins(tmp_path: Path) -> Path:
    """A folder for the path with an installed distribution: a metric and a scale."""
    folder = tmp_path / "installed"
    info = folder / "others_metrics-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: others-metrics\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        "[magnet.metrics]\nsaid = others_metrics:SAID\n"
        "[magnet.scales]\nwarmth = others_metrics:SCALE\n"
    )
    (folder / "warmth.yaml").write_text(SCALE)
    scale = "from pathlib import Path\nSCALE = Path(__file__).with_name('warmth.yaml')\n"
    (folder / "others_metrics.py").write_text(scale + METRIC)
    return folder


def magnet(plugins: Path, folder: Path, *arguments: object) -> Outcome:
    path = os.pathsep.join([str(plugins), *filter(None, [os.environ.get("PYTHONPATH")])])
    done = subprocess.run(
        [sys.executable, "-m", "magnet", *map(str, arguments)],
        cwd=folder,
        env=environment(folder, PYTHONPATH=path, COLUMNS="300"),
        capture_output=True,
        text=True,
        timeout=200,
    )
    return Outcome(done.returncode, done.stdout, done.stderr)


@pytest.mark.slow
def test_metrics_of_another_distribution_work_like_those_that_ship(
    plugins: Path, tmp_path: Path
) -> None:
    help_ = magnet(plugins, tmp_path, "eval", "--help")
    assert "said" in help_.out, help_.err
    played = magnet(
        plugins, tmp_path, "generate", Path("examples/intake").resolve(), "--limit", 1,
        "--run", "a", "--methods", "magnet,cactus", "--turns", 4, "--model", "fake",
    )  # fmt: skip
    assert played.code == 0, played.err
    plain = magnet(plugins, tmp_path, "eval", "a", "--metrics", "said", "--json").json["said"]
    assert [row["said"] for row in plain] == [3, 3]
    few = ("eval", "a", "--metrics", "said", "--option", "said.least=100000")
    assert [row["said"] for row in magnet(plugins, tmp_path, *few, "--json").json["said"]] == [0, 0]
    wrong = magnet(plugins, tmp_path, "eval", "a", "--metrics", "said", "--option", "said.least=x")
    assert (wrong.code, "said.least" in wrong.err) == (2, True)
    judged = magnet(
        plugins, tmp_path, "eval", "a", "--metrics", "warmth", "--judge", "fake", "--samples", 1,
        "--json",
    )  # fmt: skip
    assert judged.json["warmth"]["failed"] == 0, judged.err
    found = magnet(plugins, tmp_path, "compare", "a", "--metrics", "warmth,said", "--json").json
    assert [family["metric"] for family in found["families"]] == ["warmth", "said"]
    assert "said: nothing is missing" in found["missing"]
    assert magnet(plugins, tmp_path, "report", "a", "--out", tmp_path / "r").code == 0
    assert "said: all" in (tmp_path / "r" / "report.html").read_text(encoding="utf-8")
    experiment = tmp_path / "e.toml"
    experiment.write_text(
        f"name = 'e'\nout = 'out'\nforms = {json.dumps(str(Path('examples/intake').resolve()))}\n"
        "limit = 1\nmodel = 'fake'\nturns = 4\n"
        "[[runs]]\nname = 'b'\nmethods = ['cactus']\n"
        "[evaluate]\nmetrics = ['said']\n[evaluate.options.said]\nspeaker = 'client'\n"
    )
    done = magnet(plugins, tmp_path, "experiment", experiment)
    assert done.code == 0, done.err
    written = json.loads((tmp_path / "out" / "evaluation" / "said.json").read_text())
    assert written[0]["said"] == 3


def test_a_metric_that_cannot_be_loaded_is_named(plugins: Path, tmp_path: Path) -> None:
    (plugins / "others_metrics.py").write_text("SCALE = SAID = 3")
    said = magnet(plugins, tmp_path, "eval", "a", "--metrics", "quality")
    assert said.code == 2
    assert "'warmth' of magnet.scales" in said.err
    (plugins / "others_metrics-1.0.dist-info" / "entry_points.txt").write_text(
        "[magnet.metrics]\nsaid = others_metrics:SAID\n"
    )
    said = magnet(plugins, tmp_path, "eval", "a", "--metrics", "quality")
    assert (said.code, "'said' of magnet.metrics" in said.err) == (2, True)


def test_every_metric_is_named_where_it_can_be_used() -> None:
    assert evaluated() == ["quality", "diversity", "ctrs", "wai", "panas", "coherence", "safety"]
    assert compared() == [
        *("ctrs", "wai", "panas", "coherence", "safety"),
        *("preference", "diversity", "quality", "calls"),
    ]


def test_options_are_those_that_the_metric_declares() -> None:
    options = Options(given=[JudgingOptions(samples=2)]).put(metrics()["ctrs"], {"full": "true"})
    assert options.of(JudgingOptions) == JudgingOptions(samples=2, full=True)
    with pytest.raises(EvaluationError, match="no option 'colour'; there are judges, samples"):
        options.put(metrics()["wai"], {"colour": 1})
    with pytest.raises(EvaluationError, match="has no options"):
        options.put(metrics()["quality"], {"samples": 1})


def test_a_scale_of_the_users_is_a_file_in_a_folder_of_theirs(tmp_path: Path) -> None:
    folder = tmp_path / "scales"
    folder.mkdir()
    (folder / "calm.yaml").write_text(SCALE)

    def said() -> str:
        call = [sys.executable, "-m", "magnet", "eval", "a", "--metrics", "beauty"]
        variables = environment(tmp_path, MAGNET_SCALES_DIR=str(folder))
        done = subprocess.run(
            call, cwd=tmp_path, env=variables, capture_output=True, text=True, timeout=200
        )
        assert done.returncode == 2
        return " ".join(done.stderr.split())

    assert "coherence, safety, calm" in said()
    (folder / "ctrs.yaml").write_text(SCALE)
    assert "the scale ctrs is there already" in said()
    (folder / "ctrs.yaml").rename(folder / "warm.yaml")
    assert "sheets > warmth: another scale has a sheet of this name" in said()
