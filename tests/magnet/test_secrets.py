"""No key and no escape sequence reaches a database, a log or a terminal."""

import asyncio
import sqlite3
import stat
from pathlib import Path
from typing import Any

import pytest

from tests.magnet.commands import Magnet
from tests.magnet.endpoint import as_usual, endpoint, refusing

KEY = "abcdef-0123456789-the-key"


def everything(folder: Path) -> str:
    """All texts that the database holds."""
    with sqlite3.connect(folder / "sessions.db") as database:
        tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master")]
        return "".join(
            str(row) for name in tables if "index" not in name for row in _rows(database, name)
        )


def _rows(database: sqlite3.Connection, table: str) -> list[Any]:
    try:
        return database.execute(f'SELECT * FROM "{table}"').fetchall()
    except sqlite3.OperationalError:
        return []  # an index


_sleep = asyncio.sleep


async def at_once(seconds: float, result: object = None) -> object:
    """Wait for nothing that is to be waited for between two attempts."""
    return await _sleep(0, result)


HOSTILE = {
    "a status line that is none": b"HTTP/1.1 -1 \xff\xfe\r\n\r\n",
    "a header of 9 kB": b"HTTP/1.1 200 OK\r\nX-Long: " + b"a" * 9000 + b"\r\n\r\n",
    "no HTTP at all": b"\x16\x03\x01 hello\r\n\r\n",
    "a wrong length": b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n{}",
}


@pytest.mark.parametrize("sent", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_fault_below_http_stores_no_key(
    magnet: Magnet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sent: bytes
):
    monkeypatch.setenv("OUR_ACCESS", KEY)
    monkeypatch.setattr(asyncio, "sleep", at_once)
    with endpoint() as served:
        served.raw = sent
        served.declare(tmp_path, key_variable="OUR_ACCESS")
        failed = magnet("run", "--model", "ours:m", "--turns", 2, "--session", "s")
    assert failed.code == 1
    assert KEY not in failed.said
    assert KEY not in everything(tmp_path)


def test_an_error_that_repeats_the_key_is_stored_without_it(
    magnet: Magnet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("OUR_ACCESS", KEY)
    said = f"the key {KEY} is not valid, nor is Bearer {KEY}"
    with endpoint(lambda _: refusing(401, said)) as no:
        no.declare(tmp_path, key_variable="OUR_ACCESS")
        with (tmp_path / "magnet.toml").open("a") as settings:
            settings.write(f'headers = {{"X-Api" = "{KEY}-2"}}\n')
        failed = magnet("run", "--model", "ours:m", "--turns", 2, "--session", "s")
    assert failed.code == 1
    assert "the key ... is not valid" in failed.said
    assert KEY not in failed.said
    assert KEY not in everything(tmp_path)


def test_a_new_database_is_its_owners_alone(magnet: Magnet, tmp_path: Path):
    assert magnet("run", "--model", "fake", "--turns", 2).code == 0
    assert stat.S_IMODE((tmp_path / "sessions.db").stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "written",
    [
        f'turns = "{KEY}"',
        f'concurrency = "{KEY}"',
        f'[providers.ours]\nbase_url = "http://x/v1"\nretries = "{KEY}"',
        f'[sampling.client]\ntemperature = "{KEY}"',
        f'[providers.ours]\nbase_url = ["https://user:{KEY}@host/v1"]',
        f'db = "nonsense://user:{KEY}@host/name?password={KEY}"',
        f'db = "postgresql+nothing://user:{KEY}@host/name?password={KEY}"',
        f'db = "post gres://user:{KEY}@host/"',
        f'model = "ours:m"\n[providers.ours]\nbase_url = "http://u:{KEY}@127.0.0.1:9/v1?api-key={KEY}"',
    ],
)
def test_what_is_written_into_the_wrong_place_is_not_repeated(
    magnet: Magnet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, written: str
):
    monkeypatch.delenv("MAGNET_DB")
    (tmp_path / "magnet.toml").write_text(written)
    for command in (("run",), ("list",), ("doctor",)):
        assert KEY not in magnet(*command).said


def test_openai_alone_is_told_the_organization(
    magnet: Magnet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("OPENAI_ORG_ID", "org-of-ours")
    monkeypatch.setenv("OPENAI_PROJECT_ID", "project-of-ours")
    with endpoint() as other:
        other.declare(tmp_path)
        assert magnet("run", "--model", "ours:m", "--turns", 2).code == 0
    assert other.headers
    assert not {"openai-organization", "openai-project"} & other.headers.keys()


ESCAPES = "\x1b]0;title\x07\x1b[2J\x1b]52;c;aGk=\x07\x9b31m[/b][bold]"


def test_no_answer_name_or_error_commands_the_terminal(magnet: Magnet, tmp_path: Path):
    form = (Path(__file__).parents[2] / "examples/intake/01-ines-mistake-at-work.yaml").read_text()
    (tmp_path / "form.yaml").write_text(form.replace("Inês Carvalho", "In[/b]ês [bold]Carvalho"))
    with endpoint() as served:
        served.declare(tmp_path)

        def answer(reply: Any) -> Any:
            status, body = as_usual(reply)
            escaped = ESCAPES.encode("unicode_escape").replace(b"\\x", b"\\u00")
            if reply.agent in ("planner", "selector"):
                return status, body
            return status, body.replace(b'"content": "', b'"content": "' + escaped)

        served.answer = answer
        run = ("run", "form.yaml", "--model", "ours:m", "--turns", 4, "--session", "s")
        shown = [
            magnet(*run),
            magnet("show", "s", "--candidates"),
            magnet("list"),
            magnet("history", "s"),
            magnet("show", "[/b]\x1b[2J"),
        ]
    for outcome in shown:
        assert outcome.code in (0, 1, 2)
        for letter in "\x1b\x07\x9b":
            assert letter not in outcome.out + outcome.err
