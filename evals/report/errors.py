"""What can be wrong with a report."""

from magnet.state.errors import BadUseError


class ReportError(BadUseError):
    """A report that cannot be written: names the file and the remedy."""
