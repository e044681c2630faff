"""What can be wrong with a report."""


class ReportError(Exception):
    """A report that cannot be written: names the file and the remedy."""
