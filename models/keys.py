"""The key that an endpoint is shown: read from the environment, kept nowhere else."""

import os

from magnet.models.model_id import ModelId
from magnet.models.providers import Provider
from magnet.models.redaction import keep_secret
from magnet.models.settings import SettingsError


def read_key(model_id: ModelId, provider: Provider) -> str | None:
    """Read a provider's key from the environment; none where it needs none.

    Raises:
        SettingsError: if the variable is not set.
    """
    variable = provider.key_variable
    if variable is None:
        return None
    key = os.environ.get(variable, "").strip()
    if not key or not key.isascii() or not key.isprintable():
        raise SettingsError(
            f"model {model_id}: set the environment variable {variable} to its key, in plain "
            "letters"
        )
    keep_secret(key)
    return key
