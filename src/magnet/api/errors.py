"""Errors of other libraries, as errors that a user can mend."""

from collections.abc import Generator
from contextlib import contextmanager

import openai
from langchain_core.exceptions import ContextOverflowError

from magnet.models.probe import EndpointError


@contextmanager
def endpoints_explained() -> Generator[None]:
    """Return what to do where an endpoint does not answer a call in the block, or refuses it.

    Raises:
        EndpointError: Then.
    """
    try:
        yield
    except (openai.OpenAIError, ContextOverflowError) as error:
        from magnet.cli.exits import explain

        raise EndpointError(explain(error)) from error
