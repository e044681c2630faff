"""The fake model: deterministic, needs nothing, and answers every role plausibly and differently.

For trying the system out, for tests and for benchmarks. Its answers are drawn from a packaged
stock of sentences by a hash of the whole prompt and the seed; it understands nothing.
"""

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from hashlib import blake2b
from random import Random
from typing import Any

from magnet.models.fake.reading import (
    content_of,
    count_utterances,
    drafts_in,
    last_utterance,
    schema_of,
    telling_paragraphs,
)
from magnet.models.fake.reply import Reply
from magnet.models.fake.schema_json import JsonMaker
from magnet.models.fake.speech import UNKNOWN, Talk, load_stock
from magnet.models.fake.values import Schema
from magnet.nodes.director.closing import ClosingTexts
from magnet.prompts import PromptBook, load_prompts
from magnet.state import END_MARK, OPENING_UTTERANCES, TURN_LIMIT, Attitude
from magnet.state.text import sentences

# About four characters a token holds for English and the tokenizers in use; counting is free.
_CHARACTERS_A_TOKEN = 4
_TOKENS_A_MESSAGE = 3
_REMEMBERED_PREFIXES = 65_536
# From the middle of a full session on, the client says goodbye in one of so many answers.
_GOODBYE_FROM = OPENING_UTTERANCES + TURN_LIMIT // 2
_GOODBYE_CHANCE = 0.05


class FakeModel:
    """Answers chat-completions requests.

    The same body gives the same text, another seed another one. Token counts follow from the
    texts' lengths; a message counts as cached when an earlier request began with the same messages.
    """

    def __init__(self) -> None:
        prompts = load_prompts()
        self._attitudes = {
            name: text.strip() for name, text in prompts.attitudes.items() if text.strip()
        }
        closing = prompts.director.read(ClosingTexts)
        self._farewells = (closing.endings.goodbye, closing.endings.left)
        self._goodbye = closing.goodbye
        self._recognize = lru_cache(maxsize=1024)(PromptBook().recognize)
        self._prefixes: dict[int, None] = {}

    def answer(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Answer a chat-completions request body with a complete response object."""
        return self.reply(body).completion()

    def reply(self, body: Mapping[str, Any]) -> Reply:
        """Answer a chat-completions request body.

        Raises:
            ValueError: if the body has no messages.
        """
        messages: list[dict[str, Any]] = body.get("messages") or []
        if not messages:
            raise ValueError("messages: expected at least one message")
        contents = [content_of(message) for message in messages]
        prompt = "\n".join(contents)
        digest = blake2b(f"{body.get('seed')}\n{prompt}".encode(), digest_size=8)
        rng = Random(digest.digest())
        agent = self.agent_of(contents)
        schema = schema_of(body)
        text = (
            self._speak(agent, contents, prompt, rng)
            if schema is None
            else _decide(agent, contents, schema, rng)
        )
        tokens = _tokens(text)
        limit = body.get("max_completion_tokens") or body.get("max_tokens") or tokens
        prompt_tokens, cached = self._count(messages, contents)
        return Reply(
            id=f"chatcmpl-{digest.hexdigest()}",
            model=str(body.get("model", "fake")),
            agent=agent,
            text=text if tokens <= limit else text[: limit * _CHARACTERS_A_TOKEN],
            finish_reason="stop" if tokens <= limit else "length",
            prompt_tokens=prompt_tokens,
            cached_tokens=cached,
            completion_tokens=min(tokens, limit),
        )

    def agent_of(self, contents: Sequence[str]) -> str:
        """Name the prompt that messages were made from; `unknown` if none is recognized."""
        for paragraph in telling_paragraphs(contents):
            name = self._recognize(paragraph)
            if name is not None:
                return name
        told = f"{contents[0]}\n{contents[-1]}"
        phrases = load_stock().phrases.items()
        return next((name for name, phrase in phrases if phrase in told), UNKNOWN)

    def _speak(self, agent: str, contents: Sequence[str], prompt: str, rng: Random) -> str:
        stock = load_stock()
        drafts, rest = drafts_in(contents[-1])
        if drafts:
            said = _fuse(drafts, rest, prompt, rng)
            if not any(farewell in rest for farewell in self._farewells):
                return said
            return f"{said} {Talk(rng, prompt, 'this').utterance('goodbye-counselor')}"
        talk = Talk(rng, prompt, stock.heard(last_utterance(contents[-1]), rng))
        if agent in stock.clients:
            return self._answer_as_client(talk, contents, prompt, rng)
        return talk.utterance(agent if agent in stock.ways else UNKNOWN)

    def _answer_as_client(
        self, talk: Talk, contents: Sequence[str], prompt: str, rng: Random
    ) -> str:
        attitude = self._attitude(prompt)
        if self._goodbye in contents[-1]:
            return talk.utterance(f"goodbye-{attitude}")
        may_end = END_MARK in prompt and count_utterances(contents, prompt) >= _GOODBYE_FROM
        if may_end and rng.random() < _GOODBYE_CHANCE:
            return f"{talk.utterance(f'goodbye-{attitude}')} {END_MARK}"
        return talk.utterance(f"client-{attitude}")

    def _attitude(self, prompt: str) -> str:
        told = (name for name, text in self._attitudes.items() if text in prompt)
        return next(told, Attitude.NEUTRAL.value)

    def _count(
        self, messages: Sequence[Mapping[str, Any]], contents: Sequence[str]
    ) -> tuple[int, int]:
        """Return the prompt's tokens, and how many of them an earlier request began with."""
        known, prefix, total, cached = True, 0, 0, 0
        for message, content in zip(messages, contents, strict=True):
            tokens = _tokens(content) + _TOKENS_A_MESSAGE
            total += tokens
            prefix = hash((prefix, message.get("role"), content))
            known = known and prefix in self._prefixes
            if known:
                cached += tokens
            else:
                self._prefixes[prefix] = None
        while len(self._prefixes) > _REMEMBERED_PREFIXES:
            del self._prefixes[next(iter(self._prefixes))]
        return total, cached


def _tokens(text: str) -> int:
    return -(-len(text) // _CHARACTERS_A_TOKEN)


def _fuse(drafts: Mapping[str, str], rest: str, prompt: str, rng: Random) -> str:
    """Take sentences of the chosen drafts, or of two where none is chosen; one question at most."""
    chosen = [t for t in drafts if t in rest] or rng.sample(list(drafts), min(2, len(drafts)))
    rng.shuffle(chosen)
    heard = load_stock().heard(drafts[chosen[0]], rng)
    said = [Talk(rng, prompt, heard).utterance("fusion")] if rng.random() < 0.5 else []
    for technique in chosen:
        of_draft = sentences(drafts[technique])
        said += of_draft if len(chosen) == 1 else [rng.choice(of_draft)] if of_draft else []
    questions = [one for one in said if one.endswith("?")]
    return " ".join([*(one for one in said if not one.endswith("?")), *questions[:1]])


class _FieldWords:
    """Strings of a JSON answer: a stock for each field of the agent's answer, else any."""

    def __init__(self, talk: Talk, stock_of: Mapping[str, str]) -> None:
        self._talk = talk
        self._stock_of = stock_of
        self.word = talk.word

    def sentences(self, field: str, count: int) -> list[str]:
        return self._talk.sentences(self._stock_of.get(field, UNKNOWN), count)


def _decide(agent: str, contents: Sequence[str], schema: Schema, rng: Random) -> str:
    stock = load_stock()
    talk = Talk(rng, "", stock.heard(last_utterance(contents[-1]), rng))
    words = _FieldWords(talk, stock.fields.get(agent, {}))
    return json.dumps(JsonMaker(schema, rng, words).make(), ensure_ascii=False)
