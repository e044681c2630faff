"""Finding a language by its name."""

from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

from magnet.state.errors import BadUseError
from magnet.state.languages.language import Language
from magnet.state.plugins import PluginError, entry_points

ENGLISH = "en"
GROUP = "magnet.languages"


class UnknownLanguageError(BadUseError):
    """No language has this name; the text says which there are."""


def language_names() -> list[str]:
    """Return the names of all languages, in their order: those that ship, and entry points."""
    return sorted({*_shipped(), *entry_points(GROUP)})


@cache
def load_language(name: str = ENGLISH) -> Language:
    """Return a language by its name, such as "en" (ISO 639-1).

    A language that ships is a package of this folder; one of another distribution is an entry
    point of the group `magnet.languages`, a `Language`.

    Raises:
        UnknownLanguageError: if there is no such language.
        PluginError: if what another distribution gives is none.
    """
    if name in _shipped():
        found = import_module(f"{__package__}.{name}").LANGUAGE
    elif load := entry_points(GROUP).get(name):
        found = load()
    else:
        raise UnknownLanguageError(
            f"no language is named {name!r}; there are {', '.join(language_names())}"
        )
    if not isinstance(found, Language):
        raise PluginError(f"language {name!r}: expected a Language, found {found!r}")
    return found


@cache
def _shipped() -> frozenset[str]:
    folder = Path(__file__).parent
    return frozenset(found.name for found in iter_modules([str(folder)]) if found.ispkg)
