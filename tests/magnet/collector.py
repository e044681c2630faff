"""A server that takes what a program reports of itself, in a thread of this process."""

import gzip
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span as WireSpan
from opentelemetry.proto.trace.v1.trace_pb2 import Status


@dataclass(frozen=True)
class Span:
    """A span as it came, with plain attributes."""

    id: bytes
    parent: bytes
    trace: bytes
    name: str
    attributes: Mapping[str, Any]
    start: int
    end: int
    client: bool
    failed: bool

    @classmethod
    def of(cls, wire: WireSpan) -> "Span":
        return cls(
            id=wire.span_id,
            parent=wire.parent_span_id,
            trace=wire.trace_id,
            name=wire.name,
            attributes={one.key: plain(one.value) for one in wire.attributes},
            start=wire.start_time_unix_nano,
            end=wire.end_time_unix_nano,
            client=wire.kind == WireSpan.SPAN_KIND_CLIENT,
            failed=wire.status.code == Status.STATUS_CODE_ERROR,
        )


def plain(value: AnyValue) -> Any:
    kind = value.WhichOneof("value")
    if kind == "array_value":
        return [plain(one) for one in value.array_value.values]
    return getattr(value, str(kind))


@dataclass
class Collector:
    """Where it answers, and the bodies that came there, by path."""

    status: int = 200
    url: str = ""
    bodies: list[tuple[str, bytes]] = field(default_factory=list[tuple[str, bytes]])

    def requests(self) -> list[ExportTraceServiceRequest]:
        """What came by OTLP."""
        return [
            ExportTraceServiceRequest.FromString(b) for p, b in self.bodies if p == "/v1/traces"
        ]

    def spans(self) -> list[Span]:
        """The spans that came, in the order of their start."""
        found = [
            Span.of(span)
            for request in self.requests()
            for resource in request.resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]
        return sorted(found, key=lambda span: span.start)


@contextmanager
def collector(status: int = 200) -> Generator[Collector]:
    """Take every request, and answer each with this status."""
    taken = Collector(status)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._answer()

        def do_POST(self) -> None:
            body = self._read()
            if self.headers.get("Content-Encoding") == "gzip":
                body = gzip.decompress(body)
            taken.bodies.append((self.path, body))
            self._answer()

        def _read(self) -> bytes:
            if self.headers.get("Transfer-Encoding") != "chunked":
                return self.rfile.read(int(self.headers.get("Content-Length", 0)))
            whole = b""
            while size := int(self.rfile.readline(), 16):
                whole += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
            return whole

        def _answer(self) -> None:
            self.send_response(taken.status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        taken.url = f"http://127.0.0.1:{server.server_port}"
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield taken
        finally:
            server.shutdown()
