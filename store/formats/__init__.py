"""In and out: sessions as files that other programs read, and other programs' sessions as ours."""

from magnet.store.formats.card import NOT_STATED, Measure
from magnet.store.formats.errors import ExportError, UnreadablePathError
from magnet.store.formats.exporting import FORMATS, Format, export_sessions
from magnet.store.formats.importing import ReadFile, read_sessions

__all__ = [
    "FORMATS",
    "NOT_STATED",
    "ExportError",
    "Format",
    "Measure",
    "ReadFile",
    "UnreadablePathError",
    "export_sessions",
    "read_sessions",
]
