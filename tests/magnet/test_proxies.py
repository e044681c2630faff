"""The command line behind proxies: the probe and the session go the same way."""

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.request import ProxyHandler, Request, build_opener

import pytest

from tests.magnet.commands import Magnet
from tests.magnet.endpoint import endpoint


def test_probe_and_session_go_through_the_proxy_that_is_named(
    magnet: Magnet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    with endpoint() as served:
        passed: list[str] = []
        straight = build_opener(ProxyHandler({}))

        class Proxy(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._pass(None)

            def do_POST(self) -> None:
                self._pass(self.rfile.read(int(self.headers["Content-Length"])))

            def _pass(self, body: bytes | None) -> None:
                passed.append(self.path)
                path = self.path.partition("model-server.example/v1")[2]
                with straight.open(Request(served.url + path, body)) as answer:
                    content = answer.read()
                self.send_response(200)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, format: str, *args: object) -> None:
                pass

        with ThreadingHTTPServer(("127.0.0.1", 0), Proxy) as proxy:
            Thread(target=proxy.serve_forever, daemon=True).start()
            monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{proxy.server_port}")
            (tmp_path / "magnet.toml").write_text(
                '[providers.far]\nbase_url = "http://model-server.example/v1"\nretries = 0\n'
            )
            run = ("run", "--model", "far:m", "--method", "psych8k", "--turns", 2)
            played = magnet(*run)
            proxy.shutdown()
    assert played.code == 0, played.said
    paths = [path.partition("/v1/")[2] for path in passed]
    assert paths == ["models", "chat/completions", "chat/completions"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ALL_PROXY", "socks://nowhere:1"),
        ("HTTPS_PROXY", "nonsense"),
        ("OPENAI_PROXY", "http://127.0.0.1:1"),
        ("SSL_CERT_FILE", "/nowhere/ca.pem"),
    ],
)
def test_the_fake_model_needs_no_network(
    magnet: Magnet, monkeypatch: pytest.MonkeyPatch, name: str, value: str
):
    monkeypatch.setenv(name, value)
    played = magnet("run", "--model", "fake", "--turns", 2)
    assert played.code == 0, played.said


@pytest.mark.parametrize("command", ["doctor", "run"])
def test_a_file_of_certificates_that_is_not_there_is_told(
    magnet: Magnet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str
):
    monkeypatch.setenv("SSL_CERT_FILE", "/nowhere/ca.pem")
    (tmp_path / "magnet.toml").write_text('model = "vllm:m"\n')
    told = magnet(command)
    assert told.code != 0
    assert "SSL_CERT_FILE=/nowhere/ca.pem" in told.said
