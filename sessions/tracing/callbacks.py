"""Whether sessions are traced: where one of OpenTelemetry's own variables names a collector."""

import logging
import os
from functools import cache
from typing import TYPE_CHECKING

from langchain_core.callbacks import BaseCallbackHandler

from magnet.nodes import Models
from magnet.state.installing import how_to_install
from magnet.store import Session

if TYPE_CHECKING:
    from opentelemetry.trace import Tracer

ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
TEXTS = "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"

_log = logging.getLogger(__name__)


def trace_callbacks(session: Session, models: Models) -> list[BaseCallbackHandler]:
    """Return what LangGraph tells of a session's running; nothing where it is not traced.

    Where a collector is named but the `traces` extra is not installed, that is said once, and
    sessions are played untraced: the variables are often set for other programs.

    Args:
        session: what will be played; the callbacks are good for one playing.
        models: what answers its agents.
    """
    endpoint = next(filter(os.environ.get, ENDPOINTS), None)
    tracer = _open_tracer(endpoint) if endpoint else None
    if tracer is None:
        return []
    from magnet.sessions.tracing.spans import SessionSpans

    texts = os.environ.get(TEXTS, "").strip().lower() == "true"
    return [SessionSpans(tracer, session, models, texts=texts)]


@cache
def _open_tracer(endpoint: str) -> "Tracer | None":
    try:
        from magnet.sessions.tracing.export import open_tracer
    except ImportError as error:
        _log.warning(
            "%s is set, but what sends traces is not installed (%s), so this is not traced. "
            "Install it: %s; or unset the variable.",
            endpoint,
            error,
            how_to_install("traces"),
        )
        return None
    return open_tracer()
