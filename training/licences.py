"""The licence of a base model, from what lies with it."""

from pathlib import Path

from magnet.store.formats import NOT_STATED
from magnet.training.bases import gguf_of

_CARD = "README.md"


def licence_of_base(base: str) -> str:
    """Return the licence that a base states: in its GGUF file, or in the head of its card.

    Args:
        base: a GGUF file, a folder, or a name on Hugging Face, whose card may be fetched.
    """
    file = gguf_of(base)
    if file is not None:
        return _licence_in_gguf(file) if file.is_file() else NOT_STATED
    card = Path(base).expanduser() / _CARD
    if card.parent.is_dir() and not card.is_file():
        return NOT_STATED
    return _licence_in_card(str(card) if card.is_file() else base)


def _licence_in_gguf(path: Path) -> str:
    from gguf import GGUFReader
    from gguf.constants import Keys

    field = GGUFReader(path).get_field(Keys.General.LICENSE)
    return str(field.contents()) if field else NOT_STATED


def _licence_in_card(where: str) -> str:
    from huggingface_hub import ModelCard
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    try:
        data = ModelCard.load(where).data
    except (OSError, ValueError, HfHubHTTPError, LocalEntryNotFoundError):
        return NOT_STATED
    # A licence of its own has a name beside the word "other".
    return str(data.get("license_name") or data.get("license") or NOT_STATED)
