"""A session to play in memory: a client, and models that say what a test gives them to say.

The models stand behind the endpoints' own client, over a transport without a socket.
"""

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import httpx
from langchain_core.language_models import BaseChatModel
from pydantic import SecretStr

from magnet.graph import build_graph, load_methods, super_steps
from magnet.graph.builder import TRANSPORT_RETRY
from magnet.models.chat import EndpointChat
from magnet.nodes import CallJournal, Checks, NoJournal, SessionContext
from magnet.prompts import PromptBook
from magnet.state import (
    Attitude,
    Client,
    IntakeForm,
    Opening,
    SessionSettings,
    SessionState,
    start_session,
)

PROMPT_TOKENS, CACHED_TOKENS, COMPLETION_TOKENS = 10, 4, 3

PLAN: Mapping[str, Any] = {
    "reason": "The worry rests on a guess.",
    "technique": "Reality Testing",
    "steps": [
        "Hear what happened at the bakery.",
        "Look at what speaks for the guess.",
        "Agree on one thing to watch.",
    ],
}
CHOICE: Mapping[str, Any] = {"reason": "A new detail.", "techniques": ["reflection"]}

_DECISIONS: Mapping[str, Mapping[str, Any]] = {
    "planner": PLAN,
    "selector": CHOICE,
    "director": {"meaning": "A day.", "danger": "none", "words": ""},
    "feelings": {"mood": "same", "tension": "same", "trust": "same"},
}

# Nothing is gained by waiting for a scripted model.
NO_WAIT = TRANSPORT_RETRY._replace(initial_interval=0.0, jitter=False, max_attempts=3)


def make_client(**form: Any) -> Client:
    """Return a client whose form holds what a form must hold, and what is given."""
    required = {
        "name": "Ana Petrova",
        "age": 30,
        "gender": "female",
        "presenting_problem": "I worry.",
        "reason": "I want to worry less.",
    }
    return Client(
        form=IntakeForm.model_validate(required | form),
        attitude=Attitude.NEUTRAL,
        opening=Opening(counselor="Welcome, Ana.", client="I lie awake at night."),
    )


@dataclass(frozen=True, slots=True)
class Request:
    """What a model was asked."""

    agent: str
    seed: int
    messages: Sequence[Mapping[str, str]]
    body: Mapping[str, Any]

    @property
    def last(self) -> str:
        """The message that holds the instruction, and the hint of an agent that is asked again."""
        return self.messages[-1]["content"]


@dataclass(frozen=True, slots=True)
class Ended:
    """An answer that did not end of itself: cut off, or withheld."""

    text: str | None
    reason: str = "length"


@dataclass(frozen=True, slots=True)
class Refused:
    """An answer with an error status."""

    status: int
    message: str = "scripted"


Said = str | Mapping[str, Any] | Ended | Refused


def ordinary(agent: str, number: int) -> Said:
    """Return an answer that passes every check and shares no trigram with another number's."""
    if agent in _DECISIONS:
        return _DECISIONS[agent]
    return f"Day {number} brought {agent[:4]}{number} along."


class ScriptedModels:
    """Each agent says its lines in turn, and ordinary answers after the last of them."""

    def __init__(self, **lines: Sequence[Said] | Callable[[int], Said]) -> None:
        """Take each agent's lines: a list, or a function of the number of its request, from 0."""
        self.requests: list[Request] = []
        self._lines = {agent.replace("_", "-"): said for agent, said in lines.items()}
        self._asked: Counter[str] = Counter()
        self._http = httpx.AsyncClient(transport=httpx.MockTransport(self._answer))
        self._chats: dict[str, BaseChatModel] = {}

    def chat(self, agent: str) -> BaseChatModel:
        if agent not in self._chats:
            self._chats[agent] = EndpointChat(
                model=agent,
                base_url="http://scripted.invalid/v1",
                api_key=SecretStr("none"),
                http_async_client=self._http,
                max_retries=0,
            )
        return self._chats[agent]

    def describe(self, agent: str) -> tuple[str, str]:
        return f"role of {agent}", f"model of {agent}"

    def requests_of(self, agent: str) -> list[Request]:
        return [request for request in self.requests if request.agent == agent]

    @property
    def agents(self) -> set[str]:
        return {request.agent for request in self.requests}

    def _line(self, agent: str, number: int) -> Said:
        lines = self._lines.get(agent, ())
        if callable(lines):
            return lines(number)
        return lines[number] if number < len(lines) else ordinary(agent, number)

    def _answer(self, http: httpx.Request) -> httpx.Response:
        body: dict[str, Any] = json.loads(http.content)
        agent = body["model"]
        self.requests.append(Request(agent, body["seed"], body["messages"], body))
        line = self._line(agent, self._asked[agent])
        self._asked[agent] += 1
        if isinstance(line, Refused):
            return httpx.Response(line.status, json={"error": {"message": line.message}})
        if isinstance(line, Ended):
            return httpx.Response(200, json=_completion(line.text, line.reason))
        text = line if isinstance(line, str) else json.dumps(line)
        return httpx.Response(200, json=_completion(text, "stop"))


def _completion(text: str | None, finish_reason: str) -> dict[str, Any]:
    message = {"role": "assistant", "content": text}
    return {
        "id": "scripted",
        "object": "chat.completion",
        "created": 0,
        "model": "scripted",
        "choices": [{"index": 0, "message": message, "finish_reason": finish_reason}],
        "usage": {
            "prompt_tokens": PROMPT_TOKENS,
            "completion_tokens": COMPLETION_TOKENS,
            "total_tokens": PROMPT_TOKENS + COMPLETION_TOKENS,
            "prompt_tokens_details": {"cached_tokens": CACHED_TOKENS},
        },
    }


async def play(
    models: ScriptedModels,
    method: str = "psych8k",
    *,
    checks: Checks | None = None,
    journal: CallJournal | None = None,
    keep_messages: bool = False,
    prompts: PromptBook | None = None,
    client: Client | None = None,
    **settings: Any,
) -> SessionState:
    """Play a session of two turns, or as the settings say, and give its last state."""
    row = load_methods()[method]
    fixed = SessionSettings.model_validate(
        {"method": method, "turn_limit": 2, "min_turns": 0} | settings
    )
    context = SessionContext(
        session="s1",
        models=models,
        prompts=prompts or PromptBook(),
        journal=journal or NoJournal(),
        checks=checks or Checks(),
        keep_messages=keep_messages,
    )
    state = await build_graph(row, retry=NO_WAIT).ainvoke(
        start_session(client or make_client(), fixed),
        {"recursion_limit": super_steps(row, fixed.turn_limit)},
        context=context,
    )
    return cast(SessionState, state)
