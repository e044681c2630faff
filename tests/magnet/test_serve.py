"""`magnet serve`: llama.cpp for real, and a stand-in for vLLM."""

import json
import os
import signal
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from socket import create_connection, create_server
from typing import Any

import pytest

import magnet.training.serving.serve as serving
from magnet.models.providers import Provider
from magnet.models.settings import Settings
from magnet.training.serving.serve import how_to_call
from magnet.training.serving.vllm import vllm_command
from tests.magnet.commands import Magnet, call, end, environment, start

# Writes down how it was called, and serves what is asked of a server before a session.
STAND_IN = """
import json, pathlib, sys
from http.server import BaseHTTPRequestHandler, HTTPServer

options = dict(zip(sys.argv[1::2], sys.argv[2::2]))
pathlib.Path("called.json").write_text(json.dumps(sys.argv[1:]))
print("loading", options["--model"], flush=True)
if options["--model"].endswith("broken"):
    sys.exit(3)

class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        body = b'{"data": [{"id": "my-run"}]}'
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

HTTPServer((options["--host"], int(options["--port"])), Handler).serve_forever()
"""
ADAPTER = {
    "peft_type": "LORA",
    "base_model_name_or_path": "some/model",
    "r": 24,
    "lora_alpha": 16,
}


@pytest.fixture
def with_vllm(tmp_path: Path) -> dict[str, str]:
    """The variables of a user in whose Python there is a vLLM."""
    package = tmp_path / "site" / "vllm" / "entrypoints" / "openai"
    package.mkdir(parents=True)
    (package / "api_server.py").write_text(STAND_IN)
    return environment(tmp_path, PYTHONPATH=str(tmp_path / "site"))


@pytest.fixture
def adapter(tmp_path: Path) -> Path:
    """The folder of a fine-tuning, with its adapter."""
    folder = tmp_path / "my-run" / "adapter"
    folder.mkdir(parents=True)
    (folder / "adapter_config.json").write_text(json.dumps(ADAPTER))
    (folder / "adapter_model.safetensors").write_bytes(b"")
    return folder.parent


def free_port() -> int:
    with create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def is_open(port: int) -> bool:
    try:
        create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


@contextmanager
def served(folder: Path, *arguments: object, **options: Any) -> Generator[list[str]]:
    """Serve until the block ends, then interrupt as Ctrl-C does; gives what it has printed."""
    process = start(folder, "serve", *arguments, start_new_session=True, **options)
    assert process.stdout
    printed: list[str] = []
    try:
        for line in process.stdout:
            printed.append(line.rstrip("\n"))
            if line.startswith("magnet run"):
                break
        else:
            pytest.fail(f"it does not serve: {end(process)}")
        yield printed
        os.killpg(process.pid, signal.SIGINT)
        outcome = end(process)
        assert (outcome.code, outcome.err.split()[-1]) == (0, "Stopped.")
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def test_vllm_serves_an_adapter_beside_its_base(
    with_vllm: dict[str, str], adapter: Path, tmp_path: Path
) -> None:
    port = free_port()
    with served(
        tmp_path, "some/model", "--adapter", adapter, "--port", port, env=with_vllm
    ) as printed:
        called = json.loads((tmp_path / "called.json").read_text())
        options = dict(zip(called[::2], called[1::2], strict=False))
        assert options["--model"] == options["--served-model-name"] == "some/model"
        assert options["--host"] == "127.0.0.1"
        assert options["--lora-modules"] == f"my-run={adapter / 'adapter'}"
        assert options["--max-lora-rank"] == "32"
        assert {"--enable-lora", "--enable-prefix-caching"} <= set(called)
        table = [line for line in printed if line.startswith(("[", "base_url"))]
        assert printed[-1].endswith("--method finetuned --model counselor=served:my-run")
        (tmp_path / "magnet.toml").write_text("\n".join(table))
        found = call(tmp_path, "doctor", "--model", "served:my-run")
        assert f"http://127.0.0.1:{port}/v1 answers" in found.said
        assert "loading" not in "".join(printed), "vLLM's log is not for standard output"
    assert not is_open(port)


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT])
def test_vllm_ends_with_the_command(
    sent: signal.Signals, with_vllm: dict[str, str], tmp_path: Path
) -> None:
    port = free_port()
    process = start(tmp_path, "serve", "some/model", "--port", port, env=with_vllm)
    assert process.stdout
    assert "answers" in process.stdout.readline()
    process.send_signal(sent)
    assert end(process).code == 0
    assert not is_open(port)


def test_a_vllm_that_ends_by_itself_is_a_failure(with_vllm: dict[str, str], tmp_path: Path) -> None:
    outcome = call(tmp_path, "serve", "some/broken", "--port", free_port(), env=with_vllm)
    assert outcome.code == 1
    assert "loading some/broken" in outcome.err
    assert "vLLM ended before it served (exit code 3)" in outcome.said


def test_a_models_folder_is_called_by_its_name(tmp_path: Path) -> None:
    command = vllm_command(str(tmp_path), host="127.0.0.1", port=8000)
    assert command[command.index("--served-model-name") + 1] == tmp_path.name
    assert "--enable-lora" not in command


@pytest.mark.parametrize(
    ("host", "port", "model_id", "tabled"),
    [
        ("127.0.0.1", 8000, "vllm:m", ""),
        ("0.0.0.0", 11434, "ollama:m", ""),
        ("127.0.0.1", 9000, "ours:m", ""),
        ("0.0.0.0", 8001, "served:m", "http://127.0.0.1:8001/v1"),
        ("192.0.2.7", 8001, "served:m", "http://192.0.2.7:8001/v1"),
    ],
)
def test_the_model_id_is_that_of_a_provider_at_this_address(
    host: str, port: int, model_id: str, tabled: str
) -> None:
    class Served:
        model_name = "m"
        is_running = True

        def close(self) -> None: ...

    ours = {"ours": Provider(base_url="http://localhost:9000/v1")}
    settings = Settings(providers=ours)
    found, table = how_to_call(settings, Served(), host, port)
    assert found == model_id
    assert tabled in table
    assert bool(tabled) == bool(table)


@pytest.fixture
def without_vllm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "has_vllm", lambda: False)


@pytest.mark.usefixtures("without_vllm")
def test_without_vllm_a_model_needs_a_gguf_file(magnet: Magnet) -> None:
    outcome = magnet("serve", "some/model", "--port", free_port())
    assert outcome.code == 2
    assert "some/model: serving it needs vLLM" in outcome.said
    assert "--gguf q8_0" in outcome.said
    folder = Path("merged")
    folder.mkdir()
    for name in ("merged-f16.gguf", "merged-q8_0.gguf", "merged-adapter.gguf"):
        (folder / name).write_bytes(b"GGUF")
    outcome = magnet("serve", folder, "--port", free_port())
    assert outcome.code == 2
    assert "merged-adapter.gguf" not in outcome.said
    assert "name one of merged/merged-f16.gguf, merged/merged-q8_0.gguf" in outcome.said


def test_what_is_no_model_is_named(magnet: Magnet) -> None:
    Path("notes.txt").write_text("no model")
    for name, said in (("notes.txt", "not a GGUF file"), ("gone.gguf", "no such model")):
        outcome = magnet("serve", name, "--port", free_port())
        assert outcome.code == 2
        assert said in outcome.said


def test_a_taken_port_is_named_at_once(magnet: Magnet) -> None:
    with create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        outcome = magnet("serve", "smollm2-135m", "--port", port)
    assert outcome.code == 2
    assert f"127.0.0.1:{port} cannot be listened at" in outcome.said
    assert f"--port {port + 1}" in outcome.said


@pytest.mark.slow
def test_a_session_is_played_with_a_served_gguf(tmp_path: Path) -> None:
    port = free_port()
    with served(tmp_path, "smollm2-135m", "--port", port) as printed:
        table = [line for line in printed if line.startswith(("[", "base_url"))]
        (tmp_path / "magnet.toml").write_text("\n".join(table))
        command = printed[-1].split()[1:]
        outcome = call(tmp_path, *command, "--model", "fake", "--turns", 2, "--session", "s")
        assert outcome.code == 0, outcome.said
        shown = call(tmp_path, "show", "s", "--json").json
        said = shown["utterances"][2]
        assert (said["speaker"], bool(said["text"])) == ("counselor", True)
        assert said["making"]["usage"]["completion"] > 0
    assert not is_open(port)


@pytest.mark.slow
def test_killed_at_once_it_leaves_no_server(tmp_path: Path) -> None:
    port = free_port()
    process = start(tmp_path, "serve", "smollm2-135m", "--port", port)
    assert process.stdout
    assert "answers" in process.stdout.readline()
    process.kill()
    process.wait()
    for _ in range(100):
        if not is_open(port):
            return
        subprocess.run(["sleep", "0.1"], check=True)
    pytest.fail("the server still listens")


@pytest.mark.slow
def test_an_adapter_changes_what_a_served_gguf_says(tmp_path: Path) -> None:
    pytest.importorskip("peft", reason="needs magnet-counseling[train]")
    pytest.importorskip("gguf", reason="needs magnet-counseling[train]")
    import httpx

    from magnet.training.gguf.model import export_model
    from tests.training.tiny_models import make_adapter, make_model

    model = make_model(tmp_path / "model")
    make_adapter(model, tmp_path / "my-run" / "adapter")
    export_model(model, tmp_path / "base.gguf", "f16", name="base")
    said: list[str] = []
    for options in ((), ("--adapter", "my-run")):
        port = free_port()
        with served(tmp_path, "base.gguf", *options, "--port", port) as printed:
            asked = {"messages": [{"role": "user", "content": "Hello."}], "temperature": 0}
            url = f"http://127.0.0.1:{port}/v1/chat/completions"
            answer = httpx.post(url, json={**asked, "max_tokens": 12}, timeout=60)
            said.append(answer.json()["choices"][0]["message"]["content"])
    assert printed[-1].endswith("counselor=served:my-run")
    assert said[0] != said[1]
