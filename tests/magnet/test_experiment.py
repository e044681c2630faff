"""An experiment file: read with all its problems, run to its report, resumed after a kill."""

import json
import re
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from magnet.experiments.errors import ExperimentError
from magnet.experiments.opening import open_experiment, read_forms
from magnet.experiments.reading import load_experiment
from magnet.graph import load_methods
from magnet.models.fake.faults import FakeServerSettings
from magnet.models.fake.server import start_fake_server
from magnet.models.settings import Settings
from magnet.state import DirectorParts, derive_seed
from tests.evals.judged import points_for
from tests.magnet.commands import Magnet, call, environment, start
from tests.magnet.endpoint import Endpoint
from tests.magnet.judge_endpoint import JudgeEndpoint, judge_endpoint
from tests.magnet.logs import recorded, requests, rows

SHIPPED = Path(__file__).parents[2] / "examples" / "experiments"
TINY = """\
name = "tiny"
out = "tiny"
forms = "examples"
limit = 1
turns = 2
model = "fake"

[[runs]]
name = "tiny"
methods = ["psych8k", "cactus"]
"""


def write(folder: Path, text: str, name: str = "tiny.toml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_package_that_is_not_installed_is_named(tmp_path: Path) -> None:
    site = tmp_path / "site"
    site.mkdir()
    write(site, 'raise ModuleNotFoundError("No module named numpy", name="numpy")', "numpy.py")
    plan = write(tmp_path, TINY)
    found = environment(tmp_path, PYTHONPATH=str(site))
    outcome = call(tmp_path, "experiment", plan, "--dry-run", env=found)
    assert outcome.code == 2
    assert "needs numpy, which is not installed" in outcome.said


@pytest.mark.parametrize("path", sorted(SHIPPED.glob("*.toml")), ids=lambda path: path.stem)
def test_every_shipped_file_is_valid(path: Path) -> None:
    plan = load_experiment(path, load_methods())
    assert plan.name == path.stem
    assert len(plan.arms) > 1
    assert read_forms(plan)


def test_the_file_of_the_documentation_is_valid(tmp_path: Path) -> None:
    page = (SHIPPED.parents[1] / "docs" / "evaluation.md").read_text(encoding="utf-8")
    (text,) = (
        block for block in re.findall(r"```toml\n(.*?)```", page, re.S) if "[[runs]]" in block
    )
    plan = load_experiment(write(tmp_path, text), load_methods())
    assert plan.pairs == [
        ("mine:magnet", "mine:cactus"),
        ("mine:magnet", "mine-other-planner"),
    ]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("attitudes = []\n[[runs]]", "attitudes"),
        ('[preference]\npairs = [["tiny:cactus", "tiny:cactus"]]\n[[runs]]', "two different arms"),
    ],
)
def test_what_would_fail_late_is_refused_at_once(tmp_path: Path, line: str, says: str) -> None:
    with pytest.raises(ExperimentError, match=says):
        load_experiment(write(tmp_path, TINY.replace("[[runs]]", line)), ["psych8k", "cactus"])


def test_all_problems_of_a_file_are_told_at_once(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        """\
name = "two words"
out = "x"
forms = "examples"
attitudes = ["cheerful"]
model = "nowhere"
[[runs]]
name = "a"
methods = ["magnit"]
turns = 3
[[runs]]
name = "b"
methods = ["magnet"]
turn = 4
[evaluate]
metrics = ["beauty"]
""",
    )
    with pytest.raises(ExperimentError) as refused:
        load_experiment(path, ["magnet", "cactus"])
    told = {problem.place: str(problem) for problem in refused.value.problems}
    assert told.keys() == {
        "name",
        "attitudes > entry 1",
        "model",
        "runs > entry 1 > methods > entry 1",
        "runs > entry 1 > turns",
        "runs > entry 2 > turn",
        "evaluate > metrics > entry 1",
    }
    assert all(text.startswith(f"{path}: ") for text in told.values())
    assert "one of magnet, cactus" in told["runs > entry 1 > methods > entry 1"]
    assert "runs > entry 2 > turns (the nearest field)" in told["runs > entry 2 > turn"]
    assert "PROVIDER:MODEL" in told["model"]
    assert "panas" in told["evaluate > metrics > entry 1"]


@pytest.mark.parametrize(
    ("added", "place", "expected"),
    [
        ('[preference]\npairs = [["tiny:magnet", "tiny:cactus"]]', "pairs", "tiny:psych8k"),
        ('[[runs]]\nname = "tiny"\nmethods = ["magnet"]', "runs", "a name of its own"),
        ('[[runs]]\nname = "b"\nmethods = ["magnet", "magnet"]', "entry 2 > methods", "each once"),
        ('models = { judge = "fake" }', "runs > entry 1", "one for all runs"),
    ],
)
def test_what_does_not_fit_together_is_told(
    tmp_path: Path, added: str, place: str, expected: str
) -> None:
    with pytest.raises(ExperimentError) as refused:
        load_experiment(write(tmp_path, f"{TINY}{added}\n"), load_methods())
    (problem,) = refused.value.problems
    assert place in problem.place
    assert expected in problem.expected


def test_an_analysis_needs_a_judge(tmp_path: Path) -> None:
    path = write(tmp_path, f'analyses = ["negative"]\nreference = "other"\n{TINY}')
    with pytest.raises(ExperimentError) as refused:
        load_experiment(path, load_methods())
    assert [problem.place for problem in refused.value.problems] == ["reference", "analyses"]


def test_bad_use_exits_with_2_and_stores_nothing(magnet: Magnet, tmp_path: Path) -> None:
    told = magnet("experiment", write(tmp_path, "name = 3"), "--model", "fake")
    assert told.code == 2
    assert "runs: found nothing; expected a value: this field is required" in told.said
    assert not (tmp_path / "sessions.db").exists()


async def test_a_run_stands_over_the_file_and_flags_over_all(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        """\
name = "x"
out = "x"
forms = "examples"
limit = 1
turns = 4
model = "vllm:all"
models = { judge = "vllm:judge" }
sampling = { client = { temperature = 0.3 } }
[[runs]]
name = "a"
methods = ["cactus"]
[[runs]]
name = "b"
methods = ["cactus"]
turns = 6
models = { planner = "vllm:planner" }
sampling = { client = { max_tokens = 50 } }
""",
    )
    plan = load_experiment(path, load_methods())
    under = Settings(db=str(tmp_path / "x.db"), model="fake", models={"client": "fake"})

    async with open_experiment(plan, under) as opened:
        a, b = opened.runs
        assert opened.judges == ("vllm:judge",)
        assert a.sessions[0].model_ids == dict.fromkeys(
            ("planner", "counselor", "client"), "vllm:all"
        )
        assert b.sessions[0].model_ids == a.sessions[0].model_ids | {"planner": "vllm:planner"}
        assert [run.sessions[0].settings.turn_limit for run in (a, b)] == [4, 6]
        sampled = b.workspace.settings.sampling_of("client")
        assert (sampled.temperature, sampled.max_tokens) == (0.3, 50)
        # The same client with the same seed, so that sessions differ by what the runs differ in.
        assert a.sessions[0].settings.seed == b.sessions[0].settings.seed

    def everything_fake(settings: Settings) -> Settings:
        return settings.model_copy(update={"model": "fake", "models": {}})

    async with open_experiment(plan, under, flags=everything_fake) as opened:
        assert {
            model_id for run in opened.runs for model_id in run.sessions[0].model_ids.values()
        } == {"fake"}


async def test_each_run_of_the_directors_ablation_lacks_one_part(tmp_path: Path) -> None:
    plan = load_experiment(SHIPPED / "director.toml", load_methods())
    async with open_experiment(plan, Settings(db=str(tmp_path / "x.db"))) as opened:
        whole, *ablated = (run.sessions[0].settings.director for run in opened.runs)
    assert whole == DirectorParts()
    off = [
        [part for part, on in parts.model_dump().items() if not on] for parts in ablated if parts
    ]
    assert off == [[part] for part in DirectorParts.model_fields]


def test_another_plan_is_no_going_on(magnet: Magnet, tmp_path: Path) -> None:
    done = magnet("experiment", write(tmp_path, TINY))
    assert done.code == 0, done.said
    assert Path("tiny/report.html").exists()
    calls = rows(tmp_path, "select count(*) from calls")
    assert magnet("experiment", "tiny.toml").code == 0
    assert rows(tmp_path, "select count(*) from calls") == calls

    new_run = '\n[[runs]]\nname = "new"\nmethods = ["psych8k"]\n'
    write(tmp_path, TINY.replace("turns = 2", "turns = 4") + new_run)
    refused = magnet("experiment", "tiny.toml")
    assert refused.code == 2
    assert "run tiny was started with other settings" in refused.said
    assert "turns was 2, now 4" in refused.said
    # A new run of a refused plan would bind the file to it.
    assert rows(tmp_path, "select name from runs") == [("tiny",)]

    write(tmp_path, TINY + new_run)
    assert magnet("experiment", "tiny.toml").code == 0
    assert rows(tmp_path, "select count(*) from sessions") == [(3,)]


def test_a_dry_run_counts_what_each_step_asks(magnet: Magnet, tmp_path: Path) -> None:
    (tmp_path / "magnet.toml").write_text(
        "[prices.fake]\nprompt = 1.0\ncompletion = 2.0\n", encoding="utf-8"
    )
    told = magnet("experiment", SHIPPED / "small.toml", "--model", "fake", "--dry-run")
    assert told.code == 0, told.said
    calls = {
        cells[0]: int(cells[2])
        for line in told.out.splitlines()
        if line.startswith("│") and (cells := [cell.strip() for cell in line[1:-1].split("│")])
    }
    clients, methods, exchanges = 4, 3, 4
    # CTRS and WAI item by item, PANAS after, contradictions, safety; PANAS before once a client.
    of_session = 6 + 12 + 1 + 1 + 1
    assert calls == {
        "generate small:magnet": clients * (1 + 8 * exchanges),
        "generate small:cactus": clients * (1 + 2 * exchanges),
        "generate small:psych8k": clients * 2 * exchanges,
        "evaluate": clients * (methods * of_session + 1 + 2 * exchanges),
        "analyse: negative": clients * methods * 2,
        "preference": clients * 2 * 2 * 9,
    }
    assert "price unknown" not in told.said
    assert rows(tmp_path, "select count(*) from runs") == [(0,)]


@pytest.fixture
def judge(tmp_path: Path, magnet: Magnet) -> Iterator[JudgeEndpoint]:
    with judge_endpoint(points_for("you")) as served:
        served.declare(tmp_path)
        yield served


def test_a_judge_that_breaks_off_stops_it_and_it_goes_on(
    magnet: Magnet, judge: JudgeEndpoint, tmp_path: Path
) -> None:
    table = '\n[evaluate]\nmetrics = ["ctrs"]\njudges = ["ours:m"]\nsamples = 1\n'
    write(tmp_path, TINY + table)
    judge.status, judge.message = 500, "the GPU is on fire"
    stopped = magnet("experiment", "tiny.toml")
    assert stopped.code == 1
    assert "2/4 evaluate: 12 scores could not be had" in stopped.said
    assert "The same command goes on." in stopped.said
    assert not Path("tiny").exists()
    judge.status = 200
    done = magnet("experiment", "tiny.toml")
    assert done.code == 0, done.said
    found = json.loads(Path("tiny/evaluation/ctrs.json").read_text(encoding="utf-8"))
    assert found["judges"]["ours:m"]["runs"].keys() == {"tiny psych8k", "tiny cactus"}


def judged(folder: Path) -> set[int]:
    """Return the seeds of the requests whose scores and verdicts are stored."""
    scores = rows(folder, "select sample, subject, sheet, item from scores")
    verdicts = rows(folder, "select 0, first, second, aspect from preferences")
    attempts = range(3)
    places: list[Any] = [*scores, *verdicts]
    return {derive_seed(*place, attempt) for place in places for attempt in attempts}


@pytest.mark.slow
def test_the_small_one_survives_kills(tmp_path: Path) -> None:
    """Killed while it generates and while it judges; what was stored then is not asked again."""
    log = tmp_path / "requests.jsonl"
    settings = FakeServerSettings.model_validate({"latency_ms": 5, "log": log})
    known: list[tuple[int, Counter[int], set[int]]] = []
    with start_fake_server(settings) as url:
        Endpoint(url=url).declare(tmp_path)
        command = ("experiment", SHIPPED / "small.toml", "--model", "ours:fake")
        for kill in (100, 400):
            process = start(tmp_path, *command)
            while len(requests(log)) < kill:
                assert process.poll() is None, f"it ended too early: {process.communicate()}"
                time.sleep(0.02)
            process.kill()
            process.communicate()
            known.append((len(requests(log)), recorded(tmp_path), judged(tmp_path)))
        last = call(tmp_path, *command)
    assert last.code == 0, last.said
    assert "report: small/report.html" in last.out
    written = {path.name for path in (tmp_path / "small").iterdir()}
    assert written >= {"report.html", "report.md", "comparison.json", "negative.md", "evaluation"}

    assert rows(tmp_path, "select status, count(*) from sessions group by 1") == [("finished", 12)]
    assert rows(tmp_path, "select count(*) from preferences") == [(2 * 4 * 2 * 9,)]
    ended, asked = recorded(tmp_path), requests(log)
    for place, generated, scored in known:
        complete = {seed for seed, count in generated.items() if count == ended[seed]}
        assert complete
        assert complete.isdisjoint(asked[place:])
        assert scored.isdisjoint(asked[place:])
    assert known[-1][2], "nothing was judged before the last kill"


def test_a_dry_run_fetches_and_starts_no_model(
    magnet: Magnet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    def fetched(*_args: object, **_options: object) -> None:
        pytest.fail("a model was fetched")

    monkeypatch.setattr("magnet.models.endpoints.ensure_running", fetched)
    planned = magnet("experiment", SHIPPED / "small.toml", "--dry-run", "--db", tmp_path / "x.db")
    assert planned.code == 0, planned.said
    assert "generate small:magnet" in planned.said
