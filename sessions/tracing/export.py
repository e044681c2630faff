"""Sending spans to a collector, by OTLP over HTTP. Needs the `traces` extra: import it there alone.

Where the collector is, its headers, the service's name and what is sampled are read from
OpenTelemetry's own variables (`OTEL_...`).
"""

import logging
import os
import time
from collections.abc import Sequence
from importlib.metadata import version

from opentelemetry.exporter.otlp.proto.http import trace_exporter
from opentelemetry.sdk.environment_variables import (
    OTEL_EXPORTER_OTLP_TIMEOUT,
    OTEL_EXPORTER_OTLP_TRACES_TIMEOUT,
    OTEL_SERVICE_NAME,
)
from opentelemetry.sdk.resources import SERVICE_NAME, SERVICE_VERSION, Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExportResult
from opentelemetry.trace import Tracer

# The command waits as long at its end for a collector that is not there.
_PATIENCE = 4.0
_PAUSE = 60.0

_log = logging.getLogger(__name__)


class PatientExporter(trace_exporter.OTLPSpanExporter):
    """An exporter that a missing collector does not trouble.

    OpenTelemetry's own repeats each batch for ten seconds, says so each time, and does it all
    again at the program's end for whatever has gathered. This one says it once, and lets the
    spans of the next minute go untried.
    """

    def __init__(self) -> None:
        timeouts = (OTEL_EXPORTER_OTLP_TRACES_TIMEOUT, OTEL_EXPORTER_OTLP_TIMEOUT)
        chosen = any(os.environ.get(name) for name in timeouts)
        super().__init__(timeout=None if chosen else _PATIENCE)
        self._try_again = 0.0
        self._told = False

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Send finished spans."""
        if time.monotonic() < self._try_again:
            return SpanExportResult.FAILURE
        result = super().export(spans)
        if result is SpanExportResult.FAILURE:
            self._try_again = time.monotonic() + _PAUSE
            if not self._told:
                self._told = True
                _log.warning(
                    "traces: %s does not take them; sessions go on without. Start a collector of "
                    "OTLP over HTTP there, or correct OTEL_EXPORTER_OTLP_ENDPOINT.",
                    self._endpoint,
                )
        return result


def open_tracer() -> Tracer:
    """Return a tracer whose spans are sent in the background, and the last ones at exit."""
    # What this logs of each attempt is told once, by `PatientExporter`.
    logging.getLogger(trace_exporter.__name__).setLevel(logging.CRITICAL)
    installed = version("magnet-counseling")
    resource = Resource.create(
        {
            SERVICE_NAME: os.environ.get(OTEL_SERVICE_NAME, "magnet"),
            SERVICE_VERSION: installed,
        }
    )
    # Not OpenTelemetry's global provider: that one is the program's that plays sessions.
    provider = TracerProvider(resource=resource)
    provider.add_span_processor(BatchSpanProcessor(PatientExporter()))
    return provider.get_tracer("magnet", installed)
