"""What the rooms below the shell have to say by the way."""

import logging


class _Notes(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        from magnet.cli.console import err

        err.print(f"note: {record.getMessage()}", style="yellow", markup=False, soft_wrap=True)


def show_notes() -> None:
    """Print from now on what is logged as a warning or worse."""
    logger = logging.getLogger("magnet")
    if not any(isinstance(handler, _Notes) for handler in logger.handlers):
        logger.addHandler(_Notes(logging.WARNING))
