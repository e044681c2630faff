"""Errors at the command line: their exit codes (0 done, 1 failed, 2 bad use) and their words."""

import shlex
import sys

from magnet.models.redaction import redact
from magnet.state.addresses import shown_url
from magnet.state.errors import FAILED, Command, Extra, MagnetError, Option, Reference, Setting
from magnet.state.installing import how_to_install

# Where nothing has imported the library, none of its errors can have been raised.
_FOREIGN = (("openai", "OpenAIError"), ("langchain_core.exceptions", "ContextOverflowError"))


def mendable() -> tuple[type[Exception], ...]:
    """Return the errors that a user can do something about: ours, and those of endpoints."""
    foreign = [getattr(sys.modules[m], name) for m, name in _FOREIGN if m in sys.modules]
    return (MagnetError, *foreign)


def exit_code(error: Exception) -> int:
    """Return the exit code of a command that ends with a mendable error."""
    return error.exit_code if isinstance(error, MagnetError) else FAILED


def explain(error: Exception) -> str:
    """Return what went wrong in the words of the user's problem, with the remedy."""
    if isinstance(error, MagnetError):
        return redact(error.worded(word))
    return redact(_explain_call(error))


def word(reference: Reference) -> str:
    """Return what an error refers to as it is typed at the command line."""
    match reference:
        case Option(name, value):
            flag = f"--{name.replace('_', '-')}"
            return flag if value is None else f"{flag} {shlex.quote(value)}"
        case Command(words, database):
            where = () if database is None else ("--db", database)
            return shlex.join(("magnet", *words, *where))
        case Setting(name):
            return name
        case Extra(name):
            return how_to_install(name)


def _explain_call(error: Exception) -> str:
    if "openai" not in sys.modules:
        return str(error)
    import openai  # already imported by what raised the error

    match error:
        case openai.APIConnectionError():
            return (
                f"the model's endpoint {shown_url(str(error.request.url))} does not answer "
                f"({error.__cause__ or error}). Start it or correct its base_url; 'magnet doctor' "
                "shows which endpoints answer"
            )
        case openai.APIStatusError():
            where = shown_url(str(error.request.url))
            return f"the model's endpoint {where} refused the call: {error.message}"
        case _:
            return str(error)
