"""The embedded model: llama.cpp's server on this machine, started and ended with this process."""

import atexit
import json
import os
import secrets
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import httpx

from magnet.models.catalogue import default_model
from magnet.models.download import ensure_model
from magnet.models.errors import ModelStartError
from magnet.models.progress import ReportProgress
from magnet.models.redaction import keep_secret
from magnet.models.settings import Embedded
from magnet.models.slots import slots_for
from magnet.state.errors import Extra, Option, Setting

MAX_LANES = 4
"""Sessions that have slots of their own at most. Each takes 1.5 GB with the small model, 1.9 with
the default."""
CONTEXT = 8192
"""Tokens per slot: a session of 42 utterances with the intake form takes about 6,000."""

_SERVE = Path(__file__).with_name("serve_gguf.py")
_CLOSE_SECONDS = 5.0
# How long OpenMP's threads spin before they sleep. By its default they spin for milliseconds, and
# starve each other as soon as another process wants a core; asleep at once, they wake too slowly.
_SPIN_SHORTLY = {"GOMP_SPINCOUNT": "2000"}
_CPUS = Path("/sys/devices/system/cpu")


def usable_cores() -> int:
    """Count the physical cores that this process may use; more threads than those do not help."""
    if sys.platform != "linux":
        return os.cpu_count() or 1
    allowed = os.sched_getaffinity(0)
    siblings = (_CPUS / f"cpu{cpu}" / "topology" / "thread_siblings_list" for cpu in allowed)
    try:
        return len({path.read_text(encoding="ascii") for path in siblings})
    except OSError:
        return len(allowed)


def _require_llama() -> None:
    if find_spec("xllamacpp") is None:
        raise ModelStartError(
            "the embedded model needs llama.cpp (the package xllamacpp), which is not installed: "
            "{install}",
            install=Extra("embedded"),
        )


class EmbeddedServer:
    """A llama.cpp server for one model file, answering on the loopback address.

    Args:
        path: the GGUF file.
        slots: prompts that are kept, and calls that are served at once; none takes those of one
            session.
        context: tokens per slot, prompt and answer together.
        threads: compute threads; none takes the physical cores.
        name: what the model is called by; none is the file's.
        host: where it listens.
        port: where it listens; 0 takes a free one.
        adapter: GGUF file of a LoRA adapter that is added to the model.
        key: what every request carries (`Authorization: Bearer ...`); none answers everybody.

    Raises:
        ModelStartError: if llama.cpp is not installed, or the model cannot be loaded.
    """

    def __init__(
        self,
        path: Path,
        *,
        slots: int | None = None,
        context: int = CONTEXT,
        threads: int | None = None,
        name: str | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        adapter: Path | None = None,
        key: str | None = None,
    ) -> None:
        _require_llama()
        self.model_name = name or path.stem
        self.key = key
        self.slots = slots or slots_for().count
        self._path = path
        wanted = {
            "path": str(path),
            "name": self.model_name,
            "slots": self.slots,
            "context": context,
            "threads": threads or usable_cores(),
            "host": host,
            "port": port,
            "adapters": [str(adapter)] if adapter else [],
        }
        self._process = subprocess.Popen(
            # -P: the modules beside the script must not hide those it imports.
            [sys.executable, "-P", str(_SERVE), json.dumps(wanted)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=_SPIN_SHORTLY | os.environ,
        )
        atexit.register(self.close)
        try:
            self._tell_key()
            address = self._read_address()
            httpx.get(f"{address}/health", trust_env=False).raise_for_status()
        except BaseException:
            self.close()
            raise
        self.base_url = f"{address}/v1"

    @property
    def pid(self) -> int:
        """The server's process."""
        return self._process.pid

    @property
    def is_running(self) -> bool:
        """Whether the server's process is alive."""
        return self._process.poll() is None

    def close(self) -> None:
        """End the server; calls under way break off. Closing twice does no harm."""
        atexit.unregister(self.close)
        process = self._process
        for pipe in (process.stdin, process.stdout, process.stderr):
            if pipe is not None:
                pipe.close()
        try:
            process.wait(_CLOSE_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _tell_key(self) -> None:
        # Not as an argument: everybody on the machine may read those.
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):  # it has ended, and its errors say why
            self._process.stdin.write(f"{self.key or ''}\n".encode())
            self._process.stdin.flush()

    def _read_address(self) -> str:
        # Until it serves, it writes errors alone; then it closes both pipes.
        output, errors = self._process.stdout, self._process.stderr
        assert output is not None and errors is not None
        if address := output.readline().decode().strip():
            return address
        said = errors.read().decode(errors="replace").splitlines()
        # llama.cpp names the cause first; Python last.
        cause = next((line for line in said if " E " in line), said[-1] if said else "killed")
        raise ModelStartError(
            f"llama.cpp could not load {self._path} (exit code {self._process.wait()}): "
            f"{cause}. Check that it is a whole GGUF file of a kind of model that llama.cpp knows, "
            "and that memory is free for it: a smaller {context} or {concurrency} needs less",
            context=Setting("embedded.context"),
            concurrency=Option("concurrency"),
        )


@dataclass(frozen=True, slots=True)
class _Kind:
    path: Path
    context: int
    threads: int | None


_running: dict[_Kind, EmbeddedServer] = {}
_starting = threading.Lock()


def ensure_running(
    model: str = "",
    settings: Embedded | None = None,
    *,
    slots: int | None = None,
    progress: ReportProgress | None = None,
) -> EmbeddedServer:
    """Return this process's server for a model, fetching the model and starting it if need be.

    It answers on the loopback address alone, and only to who has its key, a random one. llama.cpp
    does not look at a request's `Host`: a page that another name led here lacks the key.

    Args:
        model: a name of the catalogue or the path of a GGUF file; empty takes the default.
        settings: threads and context; what is not set takes the default.
        slots: prompts that it keeps; none takes those of one session. A server that has room for
            more will do; one with less lives on beside the new one, since somebody may be using it.
        progress: told how far the fetch is.

    Raises:
        UnknownModelError: if there is no such model.
        ModelDownloadError: if it cannot be fetched.
        ModelStartError: if llama.cpp is not installed, or the model cannot be loaded.
    """
    _require_llama()  # before a gigabyte is fetched for it
    settings = settings or Embedded()
    path = ensure_model(model or default_model(), progress=progress).resolve()
    kind = _Kind(path, settings.context or CONTEXT, settings.threads)
    slots = slots or slots_for().count
    with _starting:
        server = _running.get(kind)
        if server is None or not server.is_running or server.slots < slots:
            key = secrets.token_urlsafe(32)
            keep_secret(key)
            server = EmbeddedServer(
                path,
                slots=slots,
                context=kind.context,
                threads=kind.threads,
                key=key,
            )
            _running[kind] = server
        return server
