"""In and out: sessions as files that other programs read, and other programs' sessions as ours."""

from magnet.store.formats.card import NOT_STATED, CardMeasure
from magnet.store.formats.draft import Draft, Place, spoken
from magnet.store.formats.errors import (
    BrokenObjectError,
    ExportError,
    UnknownFormatError,
    UnreadablePathError,
)
from magnet.store.formats.exporting import export_sessions
from magnet.store.formats.format import FilePerSession, Format, OneFile, Reader, one_line_each
from magnet.store.formats.importing import ReadFile, read_sessions
from magnet.store.formats.registry import export_formats, formats, import_formats, writer

__all__ = [
    "NOT_STATED",
    "BrokenObjectError",
    "CardMeasure",
    "Draft",
    "ExportError",
    "FilePerSession",
    "Format",
    "OneFile",
    "Place",
    "ReadFile",
    "Reader",
    "UnknownFormatError",
    "UnreadablePathError",
    "export_formats",
    "export_sessions",
    "formats",
    "import_formats",
    "one_line_each",
    "read_sessions",
    "spoken",
    "writer",
]
