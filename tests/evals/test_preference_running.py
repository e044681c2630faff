"""A judge over the pairs of two runs: asked in both orders, never twice, whatever happens."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from magnet.evals.comparison.arms import ArmError
from magnet.evals.preference.aspects import Aspect, load_aspects
from magnet.evals.preference.bias import position_bias
from magnet.evals.preference.rates import overall_rate, win_rates
from magnet.evals.preference.running import Judged, judge_pairs, stored_outcomes
from magnet.models.providers import Provider
from magnet.models.settings import Settings
from magnet.sessions.workspace import Workspace, open_workspace
from magnet.state import SessionSettings
from magnet.store import Run, SessionStatus, UnknownIdError
from magnet.store.preferences import Preference, RaterKind, Verdict
from tests.evals.compared import session

ASPECTS = load_aspects()[:3]
JUDGE = "ours:m"
CLIENTS = 4


@dataclass
class JudgeServer:
    """An endpoint that judges by a rule on the prompt: the verdict, or an error status."""

    rule: Callable[[str], str | int]
    url: str = ""
    prompts: Counter[str] = field(default_factory=Counter[str])

    def answer(self, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        prompt = body["messages"][-1]["content"]
        self.prompts[prompt] += 1
        better = self.rule(prompt)
        if isinstance(better, int):
            return better, {"error": {"message": "scripted"}}
        content = json.dumps({"reason": "By the rule.", "better": better})
        choice = {"index": 0, "message": {"role": "assistant", "content": content}}
        return 200, {"id": "1", "created": 1, "choices": [{**choice, "finish_reason": "stop"}]}


@contextmanager
def serving(rule: Callable[[str], str | int]) -> Generator[JudgeServer]:
    judge = JudgeServer(rule)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._send(200, {"data": [{"id": "m"}]})

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            self._send(*judge.answer(body))

        def _send(self, status: int, answer: dict[str, Any]) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps(answer).encode())

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        judge.url = f"http://127.0.0.1:{server.server_port}/v1"
        Thread(target=server.serve_forever, daemon=True).start()
        yield judge
        server.shutdown()


def prefers_a(prompt: str) -> str:
    """Take the session in which the counselor is called a."""
    return "1" if prompt.index("What did a say?") < prompt.index("What did b say?") else "2"


@asynccontextmanager
async def workspace(folder: Path, judge: JudgeServer) -> AsyncGenerator[Workspace]:
    """Return a workspace with the runs `a` and `b`."""
    ours = Provider(base_url=judge.url, retries=0)
    settings = Settings(db=str(folder / "sessions.db"), providers={"ours": ours}, concurrency=2)
    async with open_workspace(settings) as opened:
        stored = {run.name for run in await opened.store.runs.list()}
        for side in {"a", "b"} - stored:
            await opened.store.runs.create(Run(name=side, settings={}))
            await opened.store.sessions.create_all(
                [
                    replace(session(side, client), run=side, status=SessionStatus.FINISHED)
                    for client in range(CLIENTS)
                ]
            )
        yield opened


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Away from the settings of whoever runs the tests."""
    monkeypatch.chdir(tmp_path)


async def judged(opened: Workspace, **options: Any) -> Judged:
    return await judge_pairs(opened, "a", "b", JUDGE, **{"aspects": ASPECTS, **options})


async def test_a_planted_preference_is_found_and_asked_for_once(tmp_path: Path):
    with serving(prefers_a) as judge:
        async with workspace(tmp_path, judge) as opened:
            found = await judged(opened)
            again = await judged(opened)
    questions = CLIENTS * 2 * len(ASPECTS)
    assert (found.asked, again.asked) == (questions, 0)
    assert set(judge.prompts.values()) == {1}
    for result in (found, again):
        rates = win_rates(result.outcomes)
        assert {name: rate.rate.estimate for name, rate in rates.items()} == {
            aspect.id: 1.0 for aspect in ASPECTS
        }
        assert position_bias(result.outcomes).consistent.estimate == 1.0


async def test_a_judge_that_always_takes_the_first_prefers_neither_side(tmp_path: Path):
    with serving(lambda _: "1") as judge:
        async with workspace(tmp_path, judge) as opened:
            found = await judged(opened)
    assert overall_rate(found.outcomes).ties == CLIENTS
    assert position_bias(found.outcomes).first.estimate == 1.0


async def test_what_an_endpoint_failed_on_is_asked_the_next_time_and_the_rest_is_not(
    tmp_path: Path,
):
    broken = True

    def rule(prompt: str) -> str | int:
        return 400 if broken and ASPECTS[1].label in prompt else prefers_a(prompt)

    with serving(rule) as judge:
        async with workspace(tmp_path, judge) as opened:
            first = await judged(opened)
            assert len(first.failed) == CLIENTS * 2
            assert all("scripted" in error for error in first.failed.values())
            assert first.asked == CLIENTS * 2
            broken = False
            second = await judged(opened)
    assert second.failed == {}
    assert first.asked + second.asked == CLIENTS * 2 * len(ASPECTS)
    assert overall_rate(second.outcomes).wins == CLIENTS


async def test_after_an_interruption_it_goes_on(tmp_path: Path):
    with serving(prefers_a) as judge:
        async with workspace(tmp_path, judge) as opened:
            heard: list[Preference] = []

            def watch(preference: Preference) -> None:
                heard.append(preference)
                if len(heard) == 5:
                    task.cancel()

            task = asyncio.create_task(judged(opened, watch=watch))
            with pytest.raises(asyncio.CancelledError):
                await task
        async with workspace(tmp_path, judge) as opened:
            found = await judged(opened)
    assert 5 <= CLIENTS * 2 * len(ASPECTS) - found.asked <= 7
    assert overall_rate(found.outcomes).missing == 0
    # Each of the two that asked at once may have lost an answer on its way to the store.
    assert sum(count - 1 for count in judge.prompts.values()) <= 2


async def test_a_reworded_aspect_is_asked_anew(tmp_path: Path):
    reworded = Aspect(**{**ASPECTS[0].model_dump(), "look_for": "Something else."})
    with serving(lambda prompt: "tie" if "Something else." in prompt else "1") as judge:
        async with workspace(tmp_path, judge) as opened:
            await judged(opened)
            found = await judged(opened, aspects=[reworded])
            _, outcomes = await stored_outcomes(opened, "a", "b")
    assert found.asked == CLIENTS * 2
    assert position_bias(found.outcomes).ties == CLIENTS * 2
    newest = [outcome for outcome in outcomes if outcome.aspect == reworded.id]
    assert {v.verdict for outcome in newest for v in outcome.verdicts} == {Verdict.TIE}


async def test_people_and_judges_stand_side_by_side(tmp_path: Path):
    with serving(prefers_a) as judge:
        async with workspace(tmp_path, judge) as opened:
            found = await judged(opened)
            pair = found.pairing.pairs[0]
            human = Preference(
                first=pair.b.id,
                second=pair.a.id,
                aspect=ASPECTS[0].id,
                kind=RaterKind.HUMAN,
                rater="R1",
                instrument="0123456789ab",
                verdict=Verdict.FIRST,
            )
            await opened.store.preferences.record([human])
            _, outcomes = await stored_outcomes(opened, "a", "b")
            again = await judged(opened)
    scores = {outcome.rater.kind: outcome.score for outcome in outcomes if outcome.pair == pair}
    assert scores == {RaterKind.JUDGE: 1.0, RaterKind.HUMAN: 0.0}
    assert again.asked == 0
    assert {outcome.rater.kind for outcome in again.outcomes} == {RaterKind.JUDGE}


async def test_methods_of_one_run_are_compared_by_name(tmp_path: Path):
    with serving(prefers_a) as judge:
        async with workspace(tmp_path, judge) as opened:
            await opened.store.runs.create(Run(name="both", settings={}))
            await opened.store.sessions.create_all(
                [
                    replace(
                        session(side, client),
                        id=f"both-{method}-{client}",
                        run="both",
                        settings=SessionSettings(method=method),
                        status=SessionStatus.FINISHED,
                    )
                    for side, method in (("a", "magnet"), ("b", "cactus"))
                    for client in range(2)
                ]
            )
            ask = {"aspects": ASPECTS[:1]}
            found = await judge_pairs(opened, "both:magnet", "both:cactus", JUDGE, **ask)
            assert overall_rate(found.outcomes).wins == 2
            with pytest.raises(ArmError, match=r"holds sessions of cactus, magnet.*both:cactus"):
                await judge_pairs(opened, "both", "a", JUDGE, **ask)
            with pytest.raises(UnknownIdError, match="no finished session of method 'psych8k'"):
                await judge_pairs(opened, "both:psych8k", "a", JUDGE, **ask)


async def test_runs_without_a_common_client(tmp_path: Path):
    with serving(prefers_a) as judge:
        async with workspace(tmp_path, judge) as opened:
            await opened.store.runs.create(Run(name="far", settings={}))
            alone = replace(session("c", 99), run="far", status=SessionStatus.FINISHED)
            await opened.store.sessions.create(alone)
            with pytest.raises(ArmError, match=r"a and far: no client.*same intake files"):
                await judge_pairs(opened, "a", "far", JUDGE, aspects=ASPECTS)
    assert judge.prompts == {}
