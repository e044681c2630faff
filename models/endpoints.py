"""The chat models of a session's agents: one client path for every kind of endpoint."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, get_args

import httpx
from langchain_core.caches import BaseCache
from langchain_core.language_models import BaseChatModel
from pydantic import JsonValue, SecretStr

from magnet.models.address import Address
from magnet.models.asking_as_taken import Adapting
from magnet.models.at_once import at_once
from magnet.models.chat import EndpointChat
from magnet.models.embedded import MAX_LANES, ensure_running
from magnet.models.keys import read_key
from magnet.models.model_id import EMBEDDED, FAKE, ModelId, parse_model_id
from magnet.models.network import transport_to
from magnet.models.pacing import PacedTransport
from magnet.models.probe import probe
from magnet.models.progress import fetch_progress
from magnet.models.redaction import keep_secret
from magnet.models.roles import Role
from magnet.models.settings import Settings, SettingsError
from magnet.models.slots import slots_for
from magnet.nodes import agent_of, agents

_ROLES: Mapping[str, Role] = {role: role for role in get_args(Role)}


def role_of(agent: str) -> Role:
    """Return the role whose model an agent uses, by the table of agents; a judge is its own.

    Raises:
        SettingsError: if an agent of another distribution's names a role that there is not.
    """
    # What is no agent of the table is the name of a technique.
    wanted = agent if agent in _ROLES and agent not in agents() else agent_of(agent).role
    if (found := _ROLES.get(wanted)) is None:
        raise SettingsError(
            f"agent {agent}: no role is named {wanted!r}; there are {', '.join(_ROLES)}"
        )
    return found


class Endpoints:
    """The models of one invocation, by agent. Close it to close its connections.

    Args:
        settings: of the invocation.
        sessions: played at once; so many have prompts of their own in an embedded server.
        agents: that have prompts there; without any, those of the packaged methods.
    """

    def __init__(
        self, settings: Settings, *, sessions: int = 1, agents: Iterable[str] = ()
    ) -> None:
        self._settings = settings
        self.sessions = sessions
        self._lanes = min(sessions, MAX_LANES)
        self._slots = slots_for(agents)
        self._addresses: dict[ModelId, Address] = {}
        self._chats: dict[tuple[str, int], BaseChatModel] = {}
        self._clients: list[httpx.AsyncClient] = []
        self._cache: BaseCache | None = None
        if settings.cache is not None:
            from magnet.models.response_cache import open_response_cache

            self._cache = open_response_cache(settings.cache)

    @classmethod
    def of_run(cls, settings: Settings, agents: Iterable[str], sessions: int) -> "Endpoints":
        """Open the models of a run, for as many sessions as it plays at once.

        Args:
            settings: of the invocation.
            agents: that the run's methods have; what other roles would take does not count.
            sessions: that are there to play.

        Raises:
            SettingsError: if a model id is not of a known form.
        """
        nodes = tuple(agents)
        most = at_once(settings, {role_of(node) for node in nodes})
        return cls(settings, sessions=max(1, min(most, sessions)), agents=nodes)

    def chat(self, agent: str, lane: int = 0) -> BaseChatModel:
        """Return an agent's chat model.

        Args:
            agent: the agent.
            lane: place of its session among those that are played at once, from 0.
        """
        key = (agent, lane % self._lanes)
        if key not in self._chats:
            self._chats[key] = self._make_chat(*key)
        return self._chats[key]

    def lane(self, place: int) -> "Lane":
        """Return the models for one of the sessions that are played at once."""
        return Lane(self, place)

    def address(self, model_id: ModelId) -> Address:
        """Return where a model answers; an embedded one is started.

        Raises:
            SettingsError: if its provider or key cannot be used.
            ModelDownloadError, ModelStartError: if an embedded model cannot be had.
        """
        if model_id not in self._addresses:
            self._addresses[model_id] = self._address(model_id)
        return self._addresses[model_id]

    def describe(self, agent: str) -> tuple[str, str]:
        """Return an agent's role and its model's name, for the record."""
        role = role_of(agent)
        return role, self._settings.model_id_of(role)

    def by_role(self, agents: Iterable[str]) -> dict[str, JsonValue]:
        """Return each role's model id and sampling, for the roles of these agents.

        What the endpoint has refused by now is not sent, and told as none.
        """
        roles: dict[Role, None] = {role_of(agent): None for agent in agents}
        return {role: self._sent(role) for role in roles}

    def _sent(self, role: Role) -> dict[str, JsonValue]:
        model_id = self._settings.model_id_of(role)
        sampling = self._settings.sampling_of(role).model_dump()
        address = self._addresses.get(parse_model_id(model_id))
        omitted = address.adapting.now.omit if address else frozenset[str]()
        return {
            "model": model_id,
            **{name: None if name in omitted else value for name, value in sampling.items()},
        }

    async def prepare(self, agents: Iterable[str]) -> None:
        """Read keys, load embedded models and ask endpoints, so that what is missing shows now.

        Raises:
            SettingsError: if a model id, provider or key cannot be used.
            EndpointError: if an endpoint does not answer.
            ModelDownloadError, ModelStartError: if an embedded model cannot be had.
        """
        nodes = tuple(agents)
        if not self._chats:
            self._slots = slots_for(nodes)
        for node in nodes:
            self.chat(node)
        for model_id in self._addresses:
            if model_id.provider not in (EMBEDDED, FAKE):
                provider = self._settings.provider(model_id.provider)
                await probe(model_id.provider, provider, read_key(model_id, provider))

    async def aclose(self) -> None:
        """Close all connections. An embedded server lives on in the process."""
        for client in self._clients:
            await client.aclose()

    def _make_chat(self, agent: str, lane: int) -> BaseChatModel:
        role = role_of(agent)
        address = self.address(parse_model_id(self._settings.model_id_of(role)))
        sampling = self._settings.sampling_of(role)
        body: dict[str, Any] = {**address.body, address.limit_field: sampling.max_tokens}
        if sampling.temperature is not None:
            # Not langchain-openai's field: it drops the temperature of some models in silence.
            body["temperature"] = sampling.temperature
        # Without a slot of its own, the server takes the one whose prompt begins alike.
        if address.slots and (slot := self._slots.slot_of(agent, lane)) is not None:
            body["id_slot"] = slot
        return EndpointChat(
            model=address.model,
            base_url=address.base_url,
            api_key=SecretStr(address.key),
            http_async_client=address.http,
            http_client=_NO_CLIENT,
            timeout=address.timeout,
            max_retries=address.retries,
            default_headers=address.headers,
            extra_body=body,
            adapting=address.adapting,
            patience=address.patience,
            use_responses_api=False,
            openai_proxy=None,  # else OPENAI_PROXY, which refuses a client of our own
            cache=self._cache,
        )

    def _address(self, model_id: ModelId) -> Address:
        if model_id.provider == FAKE:
            from magnet.models.fake.transport import fake_transport

            return Address(
                base_url="http://fake.invalid/v1",
                model=FAKE,
                key=_NO_KEY,
                timeout=60.0,
                patience=60.0,
                retries=0,
                http=self._client(fake_transport()),
                adapting=Adapting(FAKE),
            )
        if model_id.provider == EMBEDDED:
            return self._embedded(model_id)
        provider = self._settings.provider(model_id.provider)
        for value in provider.headers.values():
            keep_secret(value)
        return Address(
            provider.base_url,
            model_id.model,
            read_key(model_id, provider) or _NO_KEY,
            provider.timeout,
            provider.patience,
            provider.retries,
            self._client(PacedTransport(transport_to(provider.base_url, model_id.provider))),
            Adapting(model_id.provider, provider.way),
            provider.limit_field,
            {**({"top_p": provider.top_p} if provider.top_p else {}), **provider.extra_body},
            provider.headers,
        )

    def _embedded(self, model_id: ModelId) -> Address:
        from magnet.models.shared_prefix import SharedPrefix

        with fetch_progress() as progress:
            server = ensure_running(
                model_id.model,
                self._settings.embedded,
                slots=self._lanes * self._slots.count,
                progress=progress,
            )
        transport = transport_to(server.base_url)
        if self._settings.layout == "shared-first":
            transport = SharedPrefix(transport, self._slots.sharing_slots(self._lanes))
        return Address(
            server.base_url,
            server.model_name,
            server.key or _NO_KEY,
            _EMBEDDED_TIMEOUT,
            _EMBEDDED_TIMEOUT,
            0,
            self._client(transport),
            Adapting(EMBEDDED),
            slots=True,
        )

    def _client(self, transport: httpx.AsyncBaseTransport) -> httpx.AsyncClient:
        # Its own certificates and proxies would be read from the environment, and not be used.
        client = httpx.AsyncClient(transport=transport, trust_env=False)
        self._clients.append(client)
        return client


@dataclass(frozen=True, slots=True)
class Lane:
    """The models of an invocation as one of the sessions that are played at once sees them."""

    endpoints: Endpoints
    place: int

    def chat(self, agent: str) -> BaseChatModel:
        """Return an agent's chat model."""
        return self.endpoints.chat(agent, self.place)

    def describe(self, agent: str) -> tuple[str, str]:
        """Return an agent's role and its model's name, for the record."""
        return self.endpoints.describe(agent)

    def by_role(self, agents: Iterable[str]) -> dict[str, JsonValue]:
        """Return what answers each role that these agents take, as it is asked by now."""
        return self.endpoints.by_role(agents)


# On two cores a long prompt of the embedded model is minutes of work, and never lost.
_EMBEDDED_TIMEOUT = 1800.0
# Sessions call asynchronously. A synchronous client of langchain-openai's own would read proxies
# and certificates from the environment, and fail on what is wrong there even for the fake model.
_NO_CLIENT = httpx.Client(transport=httpx.MockTransport(lambda _: httpx.Response(501)))
# The client insists on a key even where the endpoint needs none.
_NO_KEY = "no-key-needed"
