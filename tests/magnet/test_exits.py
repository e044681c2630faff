"""The words of errors at the command line, and their exit codes."""

import pickle
import shlex

import httpx
import openai
import pytest

from magnet.cli.exits import exit_code, explain, mendable, word
from magnet.models.errors import FetchInterruptedError
from magnet.state.errors import BadUseError, Command, Extra, MagnetError, Option, Reference, Setting
from magnet.state.installing import how_to_install
from magnet.store import StoreError, UnknownIdError


@pytest.mark.parametrize(
    ("reference", "words"),
    [
        (Option("out"), "--out"),
        (Option("stop_at", "client"), "--stop-at client"),
        (Option("out", "my data"), "--out 'my data'"),
        (Command(("list",)), "magnet list"),
        (Command(("list",), (Option("run", "a b"),)), "magnet list --run 'a b'"),
        (
            Command(("resume", "3f9a"), database="my sessions.db"),
            "magnet resume 3f9a --db 'my sessions.db'",
        ),
        (Setting("providers.vllm.base_url"), "providers.vllm.base_url"),
        (Extra("eval,train"), how_to_install("eval,train")),
    ],
)
def test_a_reference_is_worded_as_it_is_typed(reference: Reference, words: str) -> None:
    assert word(reference) == words
    assert explain(MagnetError("Try {it}.", it=reference)) == f"Try {words}."


def test_words_of_the_user_in_braces_stay_as_they_are() -> None:
    error = BadUseError("{user}: no such file, name another {out}", out=Option("out"))
    assert explain(error) == "{user}: no such file, name another --out"
    assert str(error) == "{user}: no such file, name another out"


def test_an_error_keeps_its_references_from_process_to_process() -> None:
    error = pickle.loads(pickle.dumps(StoreError("full: {db}", db=Option("db"))))
    assert (type(error), explain(error)) == (StoreError, "full: --db")


def test_each_error_knows_its_exit_code() -> None:
    codes = [exit_code(kind()) for kind in (StoreError, UnknownIdError, FetchInterruptedError)]
    assert codes == [1, 2, 130]


def test_an_endpoint_that_does_not_answer_is_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_API_KEY", "sk-very-secret")
    request = httpx.Request("POST", "http://localhost:1/v1/chat/completions")
    silent = openai.APIConnectionError(request=request)
    refused = openai.APIStatusError(
        "bad key sk-very-secret", response=httpx.Response(401, request=request), body=None
    )
    for error, told in ((silent, "does not answer"), (refused, "refused the call: bad key ...")):
        assert isinstance(error, mendable())
        assert exit_code(error) == 1
        assert told in explain(error)
        assert str(request.url) in explain(error)
    assert not isinstance(KeyError("x"), mendable())


def test_what_a_command_prints_can_be_typed() -> None:
    words = shlex.split(word(Command(("show", "it's"), database="/a b/c.db")))
    assert words == ["magnet", "show", "it's", "--db", "/a b/c.db"]
