"""Traces of sessions for an OpenTelemetry collector; none, and no import, where none is named."""

from magnet.sessions.tracing.callbacks import trace_callbacks

__all__ = ["trace_callbacks"]
