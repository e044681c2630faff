"""Finding a language by its name."""

from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

from magnet.state.errors import BadUseError
from magnet.state.languages.language import Language

ENGLISH = "en"


class UnknownLanguageError(BadUseError):
    """No language has this name; the text says which there are."""


def language_names() -> tuple[str, ...]:
    """Return the names of all languages, in their order."""
    return tuple(sorted(found.name for found in iter_modules([str(_FOLDER)]) if found.ispkg))


@cache
def load_language(name: str = ENGLISH) -> Language:
    """Return a language by its name, such as "en" (ISO 639).

    Raises:
        UnknownLanguageError: if there is no such language.
    """
    if name not in language_names():
        raise UnknownLanguageError(
            f"no language is named {name!r}; there are {', '.join(language_names())}"
        )
    found: Language = import_module(f"{__package__}.{name}").LANGUAGE
    return found


_FOLDER = Path(__file__).parent
