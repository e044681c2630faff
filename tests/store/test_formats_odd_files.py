"""What is wrong with one file of an import is a line for it; the others are read all the same."""

import json
from collections.abc import Callable
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from magnet.store.formats import read_sessions
from magnet.store.formats.files import SizeLimits, TooLargeError
from tests.store.foreign import published

GOOD = json.dumps(published())
LOCAL, CENTRAL = b"PK\x03\x04", b"PK\x01\x02"


def encrypted(archive: bytearray) -> None:
    archive[archive.find(LOCAL) + 6] |= 1
    archive[archive.find(CENTRAL) + 8] |= 1


def packed_unknown(archive: bytearray) -> None:
    archive[archive.find(LOCAL) + 8] = archive[archive.find(CENTRAL) + 10] = 77


def broken_deflate(archive: bytearray) -> None:
    start = archive.find(LOCAL) + 30 + len("session_1.json")
    for place in range(start, start + 40):
        archive[place] ^= 0xFF


def wrong_sum(archive: bytearray) -> None:
    for header, place in ((LOCAL, 14), (CENTRAL, 16)):
        archive[archive.find(header) + place] ^= 0xFF


@pytest.mark.parametrize("damage", [encrypted, packed_unknown, broken_deflate, wrong_sum])
def test_a_broken_entry_leaves_the_others(tmp_path: Path, damage: Callable[[bytearray], None]):
    path = tmp_path / "some.zip"
    with ZipFile(path, "w", compression=ZIP_DEFLATED) as archive:
        archive.writestr("session_1.json", GOOD)
        archive.writestr("session_2.json", GOOD)
    content = bytearray(path.read_bytes())
    damage(content)
    path.write_bytes(content)
    first, second = read_sessions(path, "run")
    assert (len(first.sessions), len(first.problems)) == (0, 1)
    assert first.problems[0].expected == "a file that can be read: check it"
    assert (len(second.sessions), second.problems) == (1, ())


def test_a_file_over_the_limit_leaves_the_others(tmp_path: Path):
    path = tmp_path / "bomb.zip"
    with ZipFile(path, "w", compression=ZIP_DEFLATED) as archive:
        archive.writestr("session_1.json", " " * 2_000_000)
        archive.writestr("session_2.json", GOOD)
    bomb, good = read_sessions(path, "run", limits=SizeLimits(file=1_000_000))
    assert "more than 1,000,000 bytes (import_file_bytes)" in bomb.problems[0].found
    assert len(good.sessions) == 1
    with pytest.raises(TooLargeError, match="import_archive_bytes"):
        list(read_sessions(path, "run", limits=SizeLimits(archive=1_000_000)))


@pytest.mark.parametrize(
    "content",
    [
        GOOD.replace('"', '"\\ud800', 1),
        '{"cost": 1e999}',
        "[" * 100_000,
        '{"a":' * 100_000,
        "\0",
        "",
        "nul",
    ],
)
def test_json_that_cannot_be_read_leaves_the_others(tmp_path: Path, content: str):
    (tmp_path / "session_1.json").write_text(content)
    (tmp_path / "session_2.json").write_text(GOOD)
    first, second = read_sessions(tmp_path, "run")
    assert not first.sessions
    assert first.problems
    assert len(second.sessions) == 1


def test_a_number_that_no_client_has_is_none(tmp_path: Path):
    (tmp_path / f"session_{2**80}.json").write_text(GOOD)
    (found,) = read_sessions(tmp_path, "run")
    assert found.sessions[0].client_number is None
