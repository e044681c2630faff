"""Where feelings turn for the worse, asked of a judge behind HTTP that reads them off the text."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from magnet.evals.affect.analysis import deterioration_jobs, read_deterioration, write_deterioration
from magnet.evals.affect.deterioration import Deterioration
from magnet.evals.evaluation import evaluate
from magnet.evals.judging.jobs import judge_config_of
from magnet.evals.judging.running import Judging, fill_in
from magnet.evals.metrics.judged import JudgingOptions
from magnet.evals.metrics.metric import Options
from magnet.evals.scales.files import scales
from magnet.models.providers import Provider
from magnet.models.settings import Settings
from magnet.sessions.transfer import find_sessions
from magnet.sessions.workspace import open_workspace
from magnet.state import EndReason, SessionState
from magnet.store import Run
from tests.evals.judged import Asked
from tests.evals.spoken import a_person, spoken
from tests.magnet.judge_endpoint import JudgeEndpoint, judge_endpoint
from tests.store.made import a_session

PANAS = scales()["panas"].subscales
JUDGE = "ours:m"
SAID = ("One?", "Yes.", "Two?", "It is dreadful.", "Three?", "It is dreadful no more: splendid.")


def feelings(asked: Asked) -> object:
    """Feel bad by each time that something is dreadful, and good by each that it is splendid."""
    bad = 2 + asked.session.count("dreadful")
    good = 2 + asked.session.count("splendid")
    scores = dict.fromkeys(PANAS["negative"], bad) | dict.fromkeys(PANAS["positive"], good)
    return {"reason": f"Bad {bad}, good {good}.", "scores": scores}


@pytest.fixture
def judge(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[JudgeEndpoint]:
    monkeypatch.chdir(tmp_path)
    with judge_endpoint(feelings) as served:
        yield served


async def test_only_the_thirds_are_asked_and_the_worst_is_found(
    judge: JudgeEndpoint, tmp_path: Path
):
    ours = Provider(base_url=judge.url, retries=0)
    settings = Settings(db=str(tmp_path / "x.db"), providers={"ours": ours})
    how = Judging(judges=[JUDGE], samples=2)
    async with open_workspace(settings) as workspace:
        await workspace.store.runs.create(Run(name="a", settings={}))
        for name in ("Ida", "Oda"):
            session = a_session(name, run="a", client=a_person(name))
            await workspace.store.sessions.create(session)
            state = SessionState(
                utterances=list(spoken(*SAID).utterances), end=EndReason.TURN_LIMIT
            )
            await workspace.store.sessions.finish(name, state)
        options = Options(given=[JudgingOptions(judges=[JUDGE], samples=2)])
        await evaluate(workspace, ["a"], ["panas"], options=options)
        before = len(judge.asked)
        _, sessions = await find_sessions(workspace, "a")
        jobs = deterioration_jobs(sessions, judge_config_of(settings))
        asked = await fill_in(workspace, jobs, how)
        found = await read_deterioration(workspace, {"a": sessions}, JUDGE)
        files = write_deterioration([found], tmp_path / "out")
    # Two samples of two thirds of two sessions; before and after were there.
    assert len(judge.asked) - before == 2 * 2 * 2
    assert asked.scores == 2 * 2 * 2 * 20
    assert [(group.worse, group.balance) for group in found.parts] == [(0, 0), (2, -1), (0, 0)]
    assert found.techniques == ()
    passage = found.passages[0]
    assert (passage.part, passage.reason) == (2, "Bad 3, good 2.")
    assert [line.client for line in passage.lines] == ["It is dreadful."]
    page, data = (path.read_text(encoding="utf-8") for path in files)
    assert "It is dreadful." in page
    assert Deterioration.model_validate_json(data.strip()[1:-1]) == found
