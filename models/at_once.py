"""How much is asked of a model at once, where the user does not say."""

from collections.abc import Iterable

from magnet.models.embedded import MAX_LANES
from magnet.models.model_id import EMBEDDED, parse_model_id
from magnet.models.roles import Role
from magnet.models.settings import Settings

_ENDPOINT = 32


def at_once(settings: Settings, roles: Iterable[Role]) -> int:
    """Return how many sessions, or questions of a judge, these roles' models get at once.

    The embedded server keeps the prompts of a few sessions: more would push each other's out, and
    each would be computed again at every call.

    Raises:
        SettingsError: if a model id is not of a known form.
    """
    model_ids = {parse_model_id(settings.model_id_of(role)) for role in roles}
    if any(model_id.provider == EMBEDDED for model_id in model_ids):
        return min(settings.concurrency or 1, MAX_LANES)
    return settings.concurrency or _ENDPOINT
