"""Traces: what a collector gets of a session, and that no session minds what becomes of it."""

import json
import socket
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.sdk.trace.export import SpanExportResult

from magnet.models.fake.reply import Reply
from magnet.sessions.tracing import callbacks
from magnet.sessions.tracing.export import PatientExporter
from magnet.state.installing import how_to_install
from magnet.state.technique import packaged_techniques
from tests.magnet.collector import Collector, Span, collector
from tests.magnet.commands import Magnet, Outcome, call, environment
from tests.magnet.endpoint import Answer, as_usual, endpoint, refusing, saying

RUN = ("run", "--model", "fake", "--turns", 4, "--session", "abc", "--seed", 3, "--json")
FINISHED = {"session": "abc", "status": "finished"}
WORKERS = [*packaged_techniques(), "selector"]


def play(folder: Path, *arguments: object, **variables: str) -> Outcome:
    """Run a command with these of OpenTelemetry's variables and no other."""
    ours = environment(folder, **variables)
    theirs = {name for name in ours if name.startswith(("OTEL_", "LANGSMITH_", "LANGCHAIN_"))}
    for name in theirs - variables.keys():
        del ours[name]
    return call(folder, *arguments, env=ours)


@pytest.fixture(scope="module")
def traced(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Collector, Path]]:
    """A session that was traced, and the folder of its database."""
    folder = tmp_path_factory.mktemp("traced")
    with collector() as taken:
        outcome = play(folder, *RUN, OTEL_EXPORTER_OTLP_ENDPOINT=taken.url)
        assert outcome.code == 0, outcome.said
        assert outcome.err == ""
        yield taken, folder


def above(spans: list[Span], span: Span) -> str | None:
    """The name of a span's parent."""
    names = {one.id: one.name for one in spans}
    return names[span.parent] if span.parent else None


def test_spans_stand_in_the_order_of_a_session(traced: tuple[Collector, Path]) -> None:
    spans = traced[0].spans()
    models = [span for span in spans if span.name.startswith("chat ")]
    others = Counter((above(spans, span), span.name) for span in spans if span not in models)
    agents = [*WORKERS, "fusion", "client"]
    assert others == Counter(
        [
            (None, "invoke_workflow magnet"),
            *(("invoke_workflow magnet", f"exchange {number}") for number in (1, 2)),
            ("exchange 1", "invoke_agent planner"),
            *((f"exchange {n}", f"invoke_agent {agent}") for n in (1, 2) for agent in agents),
        ]
    )
    assert all(
        above(spans, span) == f"invoke_agent {span.attributes['gen_ai.agent.name']}"
        for span in models
    )
    assert len({span.trace for span in spans}) == 1


def test_a_span_lies_within_its_parent(traced: tuple[Collector, Path]) -> None:
    spans = traced[0].spans()
    whole = {span.id: span for span in spans}
    outside = [
        span.name
        for span in spans
        if span.parent
        and not whole[span.parent].start <= span.start <= span.end <= whole[span.parent].end
    ]
    assert outside == []
    assert min(span.end - span.start for span in spans) > 0


def test_a_model_call_is_described_by_the_conventions(traced: tuple[Collector, Path]) -> None:
    taken, folder = traced
    models = [span for span in taken.spans() if span.client]
    [listed] = json.loads(play(folder, "list", "--json").out)
    assert len(models) == listed["calls"]
    usage = {
        "prompt": "gen_ai.usage.input_tokens",
        "cached": "gen_ai.usage.cache_read.input_tokens",
        "completion": "gen_ai.usage.output_tokens",
    }
    sums = {ours: sum(s.attributes.get(name, 0) for s in models) for ours, name in usage.items()}
    assert sums == listed["usage"]
    [plan] = [span for span in models if span.attributes["gen_ai.agent.name"] == "planner"]
    measured = {*usage.values(), "gen_ai.request.seed", "gen_ai.response.id"}
    assert plan.name == "chat fake"
    assert {k: v for k, v in plan.attributes.items() if k not in measured} == {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "fake",
        "gen_ai.agent.name": "planner",
        "gen_ai.conversation.id": "abc",
        "gen_ai.request.model": "fake",
        "gen_ai.request.temperature": 0.7,
        "gen_ai.request.max_tokens": 512,
        "gen_ai.response.model": "fake",
        "gen_ai.response.finish_reasons": ["stop"],
        "gen_ai.output.type": "json",
    }


def test_the_session_says_what_it_is(traced: tuple[Collector, Path]) -> None:
    [request, *_] = traced[0].requests()
    resource = {a.key: a.value.string_value for a in request.resource_spans[0].resource.attributes}
    assert resource["service.name"] == "magnet"
    session = traced[0].spans()[0]
    assert session.attributes["gen_ai.workflow.name"] == "magnet"
    assert session.attributes["gen_ai.conversation.id"] == "abc"
    assert session.attributes["magnet.end_reason"] == "turn-limit"
    assert not session.failed


def test_texts_are_left_out(traced: tuple[Collector, Path]) -> None:
    taken, folder = traced
    session = json.loads(play(folder, "show", "abc", "--json").out)
    sent = b"".join(body for _, body in taken.bodies)
    said = [utterance["text"] for utterance in session["utterances"]]
    assert len(said) == 6
    assert [text for text in said if text.encode() in sent] == []
    assert session["client"]["form"]["name"].encode() not in sent


@pytest.mark.slow
def test_texts_go_along_when_they_are_asked_for(tmp_path: Path) -> None:
    with collector() as taken:
        wanted = {"OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT": "true"}
        where = {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": f"{taken.url}/v1/traces"}
        play(tmp_path, *RUN, "--log-calls", "full", **where, **wanted)
    session = json.loads(play(tmp_path, "show", "abc", "--json").out)
    [call_] = [
        span.attributes
        for span in taken.spans()
        if span.client
        and span.attributes["gen_ai.agent.name"] == "client"
        and session["utterances"][3]["text"] in span.attributes["gen_ai.output.messages"]
    ]
    asked: list[dict[str, Any]] = json.loads(call_["gen_ai.input.messages"])
    assert {message["role"] for message in asked} <= {"system", "user", "assistant"}
    assert session["utterances"][2]["text"] in asked[-1]["parts"][0]["content"]
    [answer] = json.loads(call_["gen_ai.output.messages"])
    assert answer["role"] == "assistant"
    assert answer["finish_reason"] == "stop"


@pytest.mark.slow
def test_a_call_that_failed_is_marked_and_so_is_all_above_it(tmp_path: Path) -> None:
    with collector() as taken, endpoint(lambda reply: refusing(400, "no such option")) as broken:
        broken.declare(tmp_path)
        run = ("run", "--model", "ours:m", "--method", "psych8k", "--session", "abc")
        outcome = play(tmp_path, *run, OTEL_EXPORTER_OTLP_ENDPOINT=taken.url)
    assert outcome.code == 1
    errors = {s.name: s.attributes.get("error.type") for s in taken.spans() if s.failed}
    assert errors == dict.fromkeys(
        ["invoke_workflow psych8k", "invoke_agent counselor", "chat m"], "BadRequestError"
    )


@pytest.mark.slow
def test_what_an_answer_is_flagged_for_stands_on_its_agents_span(tmp_path: Path) -> None:
    def unreadable(reply: Reply) -> Answer:
        return saying("Nothing.") if reply.agent in ("screen", "client") else as_usual(reply)

    with collector() as taken, endpoint(unreadable) as served:
        served.declare(tmp_path)
        run = ("run", "--model", "ours:m", "--method", "magnet-plus", "--turns", 4)
        outcome = play(tmp_path, *run, OTEL_EXPORTER_OTLP_ENDPOINT=taken.url)
    assert outcome.code == 0, outcome.said
    flags = {
        s.name: s.attributes["magnet.flags"]
        for s in taken.spans()
        if "magnet.flags" in s.attributes
    }
    assert flags["invoke_agent director"] == ["unreadable"]
    assert "near-duplicate" in flags["invoke_agent client"]


@pytest.mark.slow
def test_a_session_that_goes_on_is_a_new_trace_of_one_conversation(tmp_path: Path) -> None:
    def answer(reply: Reply) -> Answer:
        return refusing(400, "down") if reply.agent == "client" else as_usual(reply)

    with collector() as taken, endpoint(answer) as server:
        server.declare(tmp_path)
        where = {"OTEL_EXPORTER_OTLP_ENDPOINT": taken.url}
        run = ("run", "--model", "ours:m", "--turns", 2, "--session", "abc")
        assert play(tmp_path, *run, **where).code == 1
        server.answer = as_usual
        assert play(tmp_path, "resume", "abc", **where).code == 0
    sessions = [span for span in taken.spans() if not span.parent]
    assert len({span.trace for span in sessions}) == 2
    assert {span.attributes["gen_ai.conversation.id"] for span in sessions} == {"abc"}
    again = [span.name for span in taken.spans() if span.trace == sessions[1].trace]
    assert again == ["invoke_workflow magnet", "exchange 1", "invoke_agent client", "chat m"]


@pytest.mark.slow
def test_a_breakpoint_that_is_passed_loses_no_span(tmp_path: Path) -> None:
    with collector() as taken:
        stop = ("--stop-at", "client", "--stop-when", "turn == 3")
        play(tmp_path, *RUN, *stop, OTEL_EXPORTER_OTLP_ENDPOINT=taken.url)
    agents = Counter(
        span.name.removeprefix("invoke_agent ")
        for span in taken.spans()
        if span.name.startswith("invoke_agent ")
    )
    assert agents == {"planner": 1, "client": 1, **dict.fromkeys([*WORKERS, "fusion"], 2)}


@pytest.mark.slow
@pytest.mark.parametrize("status", [None, 400, 503])
def test_a_collector_that_fails_disturbs_no_session(tmp_path: Path, status: int | None) -> None:
    with collector(status or 200) as taken:
        url = taken.url if status else f"http://127.0.0.1:{closed_port()}"
        outcome = play(tmp_path, *RUN, OTEL_EXPORTER_OTLP_ENDPOINT=url)
    assert outcome.code == 0, outcome.said
    assert outcome.lines[-1] == FINISHED
    assert f"traces: {url}/v1/traces does not take them" in outcome.said
    assert len(outcome.err.splitlines()) == 1


def test_a_collector_that_refused_is_left_alone_for_a_while(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with collector(400) as taken:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", taken.url)
        exporter = PatientExporter()
        results = [exporter.export([]) for _ in range(3)]
        exporter.shutdown()
    assert results == [SpanExportResult.FAILURE] * 3
    assert len(taken.bodies) == 1
    assert sum("does not take them" in message for message in caplog.messages) == 1


def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_without_the_extra_the_session_is_played_and_says_what_to_install(
    magnet: Magnet, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setitem(sys.modules, "opentelemetry.exporter.otlp.proto.http", None)
    monkeypatch.delitem(sys.modules, "magnet.sessions.tracing.export", raising=False)
    callbacks._open_tracer.cache_clear()
    for session in ("s1", "s2"):
        assert magnet("run", "--model", "fake", "--turns", 2, "--session", session).code == 0
    callbacks._open_tracer.cache_clear()
    [message] = [record.getMessage() for record in caplog.records if record.name.startswith("mag")]
    assert "OTEL_EXPORTER_OTLP_ENDPOINT is set" in message
    assert how_to_install("traces") in message


def test_nothing_is_imported_where_no_collector_is_named(tmp_path: Path) -> None:
    outcome = play(tmp_path, *RUN, PYTHONPROFILEIMPORTTIME="1")
    assert outcome.code == 0
    assert "magnet.sessions.tracing.callbacks" in outcome.err
    for name in (
        "magnet.sessions.tracing.export",
        "magnet.sessions.tracing.spans",
        "opentelemetry.exporter",
    ):
        assert name not in outcome.err


@pytest.mark.slow
@pytest.mark.parametrize("there", [True, False])
def test_langsmith_traces_by_its_own_variables(tmp_path: Path, there: bool) -> None:
    with collector() as taken:
        url = taken.url if there else f"http://127.0.0.1:{closed_port()}"
        outcome = play(
            tmp_path,
            *RUN,
            LANGSMITH_TRACING="true",
            LANGSMITH_ENDPOINT=url,
            LANGSMITH_API_KEY="lsv2_pt_secret_of_the_test",
        )
    assert outcome.code == 0, outcome.said
    assert outcome.lines[-1] == FINISHED
    assert "lsv2_pt_secret_of_the_test" not in outcome.said
    sent = b"".join(body for path, body in taken.bodies if path.startswith("/runs"))
    assert (b'"reflection"' in sent) is there
