"""Silence around the libraries that train."""

import logging
import warnings
from collections.abc import Generator
from contextlib import contextmanager


@contextmanager
def quiet() -> Generator[None]:
    """Keep warnings from the terminal while the block runs; errors come through.

    Half a dozen libraries warn at import and in training of what the plan has decided, or their
    developers are to change.
    """
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)
