"""Whatever a model said or a user wrote comes back as it was."""

import tempfile
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from magnet.store import open_store
from tests.store.made import a_call, a_session, directed

# PostgreSQL's text has no NUL, and UTF-8 no lone surrogates: what calls models takes both out.
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts,
    lambda values: st.lists(values, max_size=3) | st.dictionaries(texts, values, max_size=3),
    max_leaves=8,
)
moments = st.datetimes(
    min_value=datetime(1990, 1, 1),
    max_value=datetime(2100, 1, 1),
    timezones=st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=45))]),
)
calls = st.builds(
    a_call,
    exchange=st.integers(0, 200),
    node=texts,
    attempt=st.integers(0, 9),
    seed=st.integers(0, 2**63 - 1),
    model=texts,
    started=moments,
    seconds=st.floats(0, 1e6),
    retries=st.integers(0, 99),
    finish_reason=st.none() | texts,
    text=st.none() | texts,
    messages=st.none() | st.lists(st.dictionaries(texts, json_values, max_size=3), max_size=3),
    outcome=st.none() | texts,
)
sessions = st.builds(
    a_session,
    session_id=texts.filter(bool),
    models=st.dictionaries(texts, json_values, max_size=3),
    prompt_hash=texts,
    error=st.none() | texts,
    parent=st.none() | texts,
    parent_checkpoint=st.none() | texts,
    exchanges=st.just(()) | directed(texts).map(lambda exchange: (exchange,)),
    created=moments,
    updated=moments,
)


@settings(max_examples=10, deadline=None)
@given(st.lists(calls, unique_by=lambda call: call.key, max_size=30))
async def test_calls_come_back_equal(written: list):
    with tempfile.TemporaryDirectory() as folder:
        async with open_store(Path(folder) / "sessions.db") as store:
            await store.sessions.create(a_session())
            for call in written:
                await store.calls.record(call)
            read = await store.calls.of_session("s1")
    assert {call.key: call for call in read} == {call.key: call for call in written}


@settings(max_examples=10, deadline=None)
@given(st.lists(sessions, unique_by=lambda session: session.id, max_size=10))
async def test_sessions_come_back_equal(written: list):
    with tempfile.TemporaryDirectory() as folder:
        async with open_store(Path(folder) / "sessions.db") as store:
            for session in written:
                await store.sessions.create(session)
            assert [await store.sessions.get(session.id) for session in written] == written
            assert len(await store.sessions.list()) == len(written)
