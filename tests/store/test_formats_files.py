"""Which files an import reads, and what becomes of the bad ones among them."""

import zipfile
from pathlib import Path

import pytest

from magnet.store.formats import UnreadablePathError
from tests.store.foreign import cactus, generated, problems, published, read, write


def test_folder_is_read_in_the_order_of_its_numbers(tmp_path: Path):
    for name in (
        "session_10.json",
        "session_2.json",
        "b.json",
        ".hidden.json",
        "sub/session_1.json",
    ):
        write(tmp_path / name, published())
    write(tmp_path / "error_3.txt", "Traceback")
    assert [file.path.name for file in read(tmp_path)] == [
        "session_2.json",
        "session_10.json",
        "b.json",
    ]


def test_archive_is_read_like_its_folder(tmp_path: Path):
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        for name in ("data/session_10.json", "data/session_2.json", "__MACOSX/._session_2.json"):
            file = write(tmp_path / "data" / Path(name).name, generated())
            archive.write(file, name)
    (tmp_path / "data" / "._session_2.json").unlink()
    archived, unpacked = read(tmp_path / "all.zip"), read(tmp_path / "data")
    assert [file.path.name for file in archived] == ["session_2.json", "session_10.json"]
    assert [f.sessions[0].id for f in archived] == [f.sessions[0].id for f in unpacked]


def test_bad_files_are_told_and_the_others_are_read(tmp_path: Path):
    write(tmp_path / "session_1.json", published())
    write(tmp_path / "session_2.json", published(dialogue=None))
    write(tmp_path / "session_3.json", '{"AI_client": ')
    write(tmp_path / "session_4.json", [cactus(), 3])
    files = read(tmp_path)
    assert [len(file.sessions) for file in files] == [1, 0, 0, 0]
    assert [[problem.place for problem in file.problems] for file in files] == [
        [],
        ["dialogue"],
        ["line 1 column 14"],
        ["object 2"],
    ]


@pytest.mark.parametrize("content", ["", "NaN", '"\\ud800"', "{'a': 1}"])
def test_what_is_no_json_is_told(content: str, tmp_path: Path):
    (found,) = problems(write(tmp_path / "session_1.json", content))
    assert "expected valid JSON" in found


def test_byte_order_mark_is_no_problem(tmp_path: Path):
    file = write(tmp_path / "session_1.json", published())
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes())
    (read_file,) = read(file)
    assert len(read_file.sessions) == 1


def test_reading_again_gives_the_same_ids_and_other_runs_others(tmp_path: Path):
    file = write(tmp_path / "session_1.json", published())
    (first,), (second,) = read(file), read(file)
    assert first.sessions[0].id == second.sessions[0].id
    write(file, published("positive"))
    (changed,) = read(file)
    assert changed.sessions[0].id != first.sessions[0].id


def test_path_with_nothing_to_read(tmp_path: Path):
    write(tmp_path / "empty" / "notes.txt", "")
    write(tmp_path / "bad.zip", "not a zip")
    with zipfile.ZipFile(tmp_path / "empty.zip", "w"):
        pass
    for path, said in (
        (tmp_path / "nowhere", "no such file"),
        (tmp_path / "empty", r"no file that ends in \.json or \.jsonl"),
        (tmp_path / "empty.zip", r"no file that ends in \.json or \.jsonl"),
        (tmp_path / "bad.zip", "no zip archive"),
    ):
        with pytest.raises(UnreadablePathError, match=f"{path.name}: .*{said}"):
            read(path)
