"""Serving a model for sessions: by vLLM, or a GGUF file by the embedded llama.cpp."""

import socket
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol
from urllib.parse import urlsplit

from magnet.models.catalogue import load_catalogue
from magnet.models.download import ensure_model
from magnet.models.embedded import CONTEXT, EmbeddedServer
from magnet.models.errors import ModelStartError
from magnet.models.progress import fetch_progress
from magnet.models.settings import CONFIG_FILE, Embedded, Settings
from magnet.state.errors import BadUseError, Command, Extra, Option
from magnet.training.adapters import find_adapter
from magnet.training.serving.vllm import VllmServer, has_vllm

PORT = 8000
"""vLLM's own, where the provider `vllm` is looked for."""
LOOPBACK = "127.0.0.1"

_ADAPTER_ENDING = "-adapter.gguf"
_PROVIDER = "served"
_THIS_MACHINE = frozenset({LOOPBACK, "localhost", "0.0.0.0", "::", "::1"})
_LOOK_SECONDS = 0.5


class ServeError(BadUseError):
    """A model that cannot be served as asked: says why, and the remedy."""


class Server(Protocol):
    """A running server of one model."""

    model_name: str

    @property
    def is_running(self) -> bool:
        """Whether its process is alive."""
        ...

    def close(self) -> None:
        """End it."""
        ...


@contextmanager
def serving(
    model: str,
    *,
    adapter: Path | None = None,
    host: str = LOOPBACK,
    port: int = PORT,
    embedded: Embedded | None = None,
) -> Generator[Server]:
    """Serve a model, answering when the block begins, until it ends.

    Args:
        model: a GGUF file or a name of the catalogue, for llama.cpp; a model's folder or a name on
            Hugging Face, for vLLM. A folder's GGUF file stands in where there is no vLLM.
        adapter: folder of a LoRA adapter for the model, or of the fine-tuning that made it; for a
            GGUF file also a GGUF adapter.
        host: where it listens.
        port: where it listens.
        embedded: llama.cpp's threads and context.

    Raises:
        ServeError: if nothing here can serve this model, or the port is taken.
        AdapterError, GgufError: if the adapter is none, or cannot be added to a GGUF file.
        UnknownModelError, ModelDownloadError, ModelStartError: if the model cannot be had.
    """
    _check_port(host, port)
    path = _gguf_of(model)
    with TemporaryDirectory(prefix="magnet-adapter-") as scratch:
        if path is None:
            server = VllmServer(model, host=host, port=port, adapter=adapter)
        else:
            settings = embedded or Embedded()
            server = EmbeddedServer(
                path,
                name=adapter.resolve().stem if adapter else path.stem,
                context=settings.context or CONTEXT,
                threads=settings.threads,
                host=host,
                port=port,
                adapter=_adapter_file(adapter, path, Path(scratch)) if adapter else None,
            )
        try:
            yield server
        finally:
            server.close()


def wait_for_end(server: Server) -> None:
    """Wait until a server ends by itself, which is a failure.

    Raises:
        ModelStartError: when it has ended.
    """
    while server.is_running:
        time.sleep(_LOOK_SECONDS)
    raise ModelStartError(f"the server of {server.model_name} has ended; start it again")


def how_to_call(settings: Settings, server: Server, host: str, port: int) -> tuple[str, str]:
    """Return a served model's id, and the table that `magnet.toml` needs for it, if any."""
    for name, provider in settings.known_providers().items():
        address = urlsplit(provider.base_url)
        if address.port == port and address.hostname in _THIS_MACHINE:
            return f"{name}:{server.model_name}", ""
    shown = LOOPBACK if host in _THIS_MACHINE else host
    table = f'[providers.{_PROVIDER}]\nbase_url = "http://{shown}:{port}/v1"'
    return f"{_PROVIDER}:{server.model_name}", table


def _gguf_of(model: str) -> Path | None:
    """Return the GGUF file that llama.cpp is to serve; none if vLLM serves the model."""
    path = Path(model).expanduser()
    if model in load_catalogue() or path.suffix == ".gguf" or path.is_file():
        with fetch_progress() as progress:
            return ensure_model(model, progress=progress)
    if has_vllm():
        return None
    files = [file for file in path.glob("*.gguf") if not file.name.endswith(_ADAPTER_ENDING)]
    if len(files) == 1:
        return files[0]
    writes_one = "a GGUF file: '{merge}' writes one"
    named = f"one of {', '.join(sorted(map(str, files)))}" if files else writes_one
    raise ServeError(
        f"{model}: serving it needs vLLM, which is not installed: pip install vllm. Without it, "
        f"name {named}",
        merge=Command(
            ("train", "merge", "ADAPTER"), (Option("out", "FOLDER"), Option("gguf", "q8_0"))
        ),
    )


def _adapter_file(adapter: Path, base: Path, scratch: Path) -> Path:
    """Return an adapter as a GGUF file, made from its folder if need be."""
    if adapter.suffix == ".gguf":
        return ensure_model(str(adapter))
    try:
        from magnet.training.gguf.adapter import export_adapter
        from magnet.training.gguf.layout import layout_of_gguf
    except ImportError as error:
        raise ServeError(
            f"{adapter}: making a GGUF adapter of it needs {error.name}: {{extra}}",
            extra=Extra("train"),
        ) from error
    made = scratch / f"{adapter.resolve().name}.gguf"
    export_adapter(find_adapter(adapter), made, layout_of_gguf(base))
    return made


def _check_port(host: str, port: int) -> None:
    """Find out before a model is loaded, which takes minutes."""
    try:
        socket.create_server((host, port)).close()
    except OSError as error:
        raise ServeError(
            f"{host}:{port} cannot be listened at ({error.strerror}). Name another one: {{port}}, "
            f"and the same in {CONFIG_FILE}",
            port=Option("port", str(port + 1)),
        ) from error
