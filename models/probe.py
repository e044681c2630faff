"""Asking an endpoint whether it is there, before a session waits for it."""

from collections.abc import Iterable

import httpx

from magnet.models.keys import read_key
from magnet.models.model_id import EMBEDDED, FAKE, parse_model_id
from magnet.models.network import transport_to
from magnet.models.providers import Provider
from magnet.models.redaction import redact
from magnet.models.roles import Role
from magnet.models.settings import CONFIG_FILE, Settings
from magnet.state.addresses import shown_url
from magnet.state.errors import MagnetError

_TIMEOUT = 5.0
_REFUSED = (401, 403)


class EndpointError(MagnetError):
    """An endpoint that does not answer, or refuses its key; the text names the remedy."""


async def probe(name: str, provider: Provider, key: str | None) -> list[str]:
    """Ask an endpoint for its models.

    Args:
        name: the provider's, for messages.
        provider: where it answers.
        key: what it is shown, if it needs one.

    Returns:
        The names of the models it serves; empty if it does not tell.

    Raises:
        EndpointError: if it does not answer within seconds, or refuses the key.
    """
    where = shown_url(provider.base_url)
    headers = dict(provider.headers) | ({"Authorization": f"Bearer {key}"} if key else {})
    try:
        async with httpx.AsyncClient(
            transport=transport_to(provider.base_url, name), timeout=_TIMEOUT, trust_env=False
        ) as client:
            response = await client.get(f"{provider.base_url}/models", headers=headers)
    except (httpx.HTTPError, httpx.InvalidURL, ExceptionGroup) as error:
        raise EndpointError(
            f"{where} does not answer ({redact(str(error)) or type(error).__name__}). Start "
            f"the server, or set base_url under [providers.{name}] in {CONFIG_FILE}"
        ) from error
    if response.status_code in _REFUSED:
        raise EndpointError(
            f"{where} refuses the key (status {response.status_code}). Set "
            f"{provider.key_variable or f'key_variable under [providers.{name}]'} to a valid one"
        )
    try:
        return [str(model["id"]) for model in response.json()["data"]]
    except (ValueError, KeyError, TypeError):
        return []


async def probe_roles(settings: Settings, roles: Iterable[Role]) -> None:
    """Read the keys and ask the endpoints of roles' models; a model of this machine is not begun.

    Raises:
        SettingsError: A model id, its provider or key cannot be used.
        EndpointError: An endpoint does not answer.
    """
    for found in {parse_model_id(settings.model_id_of(role)) for role in roles}:
        if found.provider not in (EMBEDDED, FAKE):
            provider = settings.provider(found.provider)
            await probe(found.provider, provider, read_key(found, provider))
