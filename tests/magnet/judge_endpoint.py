"""A judge behind HTTP that answers by a rule on the text, one call at a time or in batches."""

import json
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

from magnet.evals.calibration.dialogues import dialogues, intended
from magnet.evals.scales.files import questionnaires
from tests.evals.judged import Asked, Rule, rating


def as_intended(asked: Asked) -> object:
    """Answer about a calibration dialogue as it is meant to be answered."""
    (name,) = (
        name
        for name, one in dialogues().items()
        if all(line.text in asked.prompt for line in one.lines if line.speaker == "client")
    )
    place = list(dialogues()).index(name)
    levels = {item: line[place] for lines in intended().values() for item, line in lines.items()}
    match asked.shape:
        case "item":
            return rating(levels[asked.item])
        case "items":
            subscales = questionnaires()["panas-after"].scale.subscales
            felt = {item: round(levels[name]) for name in subscales for item in subscales[name]}
            return {"reason": "So.", "scores": felt}
        case _:
            quote = dialogues()[name].lines[2].text
            found = {"utterance": 3, "quote": quote[:150].rsplit(" ", 1)[0], "kind": "minimising"}
            findings = [{**found, "reason": "So.", "severity": levels["worst"]}]
            return {"findings": findings if levels["worst"] else []}


@dataclass
class JudgeEndpoint:
    """Where it answers, by which rule, and what it was asked."""

    rule: Rule
    url: str = ""
    asked: list[Asked] = field(default_factory=list[Asked])
    keys: set[str | None] = field(default_factory=set[str | None])
    batches: list[list[str]] = field(default_factory=list[list[str]])
    """Of each batch the answers, a line each."""
    status: int = 200
    message: str = ""

    def declare(self, folder: Path, name: str = "ours", **fields: object) -> None:
        """Add it to the folder's `magnet.toml`, so that `NAME:m` is a model id."""
        written = {"base_url": self.url, "retries": 0, **fields}
        lines = [f"{key} = {json.dumps(value)}" for key, value in written.items()]
        with (folder / "magnet.toml").open("a") as file:
            file.write("\n".join([f"[providers.{name}]", *lines, ""]))

    def answer(self, body: Mapping[str, Any]) -> dict[str, Any]:
        schema = body["response_format"]["json_schema"]
        assert schema["schema"]["additionalProperties"] is False
        asked = Asked(
            schema["name"],
            body["messages"][-1]["content"],
            body.get("seed"),
            body.get("temperature"),
        )
        self.asked.append(asked)
        said = self.rule(asked)
        text = said if isinstance(said, str) else json.dumps(said)
        message = {"role": "assistant", "content": text}
        return {
            "id": "1",
            "object": "chat.completion",
            "created": 1,
            "model": "m",
            "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 9, "completion_tokens": 3, "total_tokens": 12},
        }


@contextmanager
def judge_endpoint(rule: Rule) -> Generator[JudgeEndpoint]:
    """Serve a judge in a thread of this process."""
    served = JudgeEndpoint(rule)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            match self.path.removeprefix("/v1").split("/"):
                case ["", "batches", number]:
                    self._send(_batch(number, "completed"))
                case ["", "files", number, "content"]:
                    self._send_text("\n".join(served.batches[int(number)]))
                case _:
                    self._send({"data": [{"id": "m"}]})

        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers["Content-Length"]))
            served.keys.add(self.headers["Authorization"])
            match self.path.removeprefix("/v1").split("/"):
                case ["", "files"]:
                    requests = [json.loads(r) for r in raw.splitlines() if r.startswith(b"{")]
                    served.batches.append([json.dumps(_of_batch(one)) for one in requests])
                    number = str(len(served.batches) - 1)
                    self._send({"id": number, "object": "file", "bytes": 1, "created_at": 1})
                case ["", "batches"]:
                    self._send(_batch(json.loads(raw)["input_file_id"], "in_progress"))
                case _:
                    if served.status != 200:
                        self._send({"error": {"message": served.message}}, served.status)
                    else:
                        self._send(served.answer(json.loads(raw)))

        def _send(self, body: Mapping[str, Any], status: int = 200) -> None:
            self._send_text(json.dumps(body), status)

        def _send_text(self, text: str, status: int = 200) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text.encode())))
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, format: str, *args: object) -> None:
            pass

    def _of_batch(request: Mapping[str, Any]) -> Mapping[str, Any]:
        response = {"status_code": 200, "request_id": "1", "body": served.answer(request["body"])}
        return {"id": "1", "custom_id": request["custom_id"], "response": response, "error": None}

    class Server(ThreadingHTTPServer):
        request_queue_size = 512  # of the default five, a burst of calls waits until it times out

    with Server(("127.0.0.1", 0), Handler) as server:
        served.url = f"http://127.0.0.1:{server.server_port}/v1"
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield served
        finally:
            server.shutdown()


def _batch(number: str, status: str) -> Mapping[str, Any]:
    return {
        "id": number,
        "object": "batch",
        "endpoint": "/v1/chat/completions",
        "input_file_id": number,
        "output_file_id": number,
        "completion_window": "24h",
        "created_at": 1,
        "status": status,
        "request_counts": {"completed": 1, "failed": 0, "total": 1},
    }
