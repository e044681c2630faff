"""The fake model's words: its packaged stock of sentences, and drawing speech from it."""

import re
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random

import yaml
from pydantic import BaseModel, ConfigDict

TEXTS = Path(__file__).with_name("texts.yaml")
UNKNOWN = "unknown"
_SLOT = re.compile(r"\{(\w+)\}")
_LONG_WORD = re.compile(r"\b[a-z]{5,14}\b")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence with slots: fixed parts and slot names in turn, as `re.split` gives them."""

    parts: tuple[str, ...]
    mark: str
    """Its longest fixed part, by which it is found in a text."""

    @classmethod
    def parse(cls, template: str) -> "Sentence":
        """Read `fixed {slot} fixed`."""
        parts = tuple(_SLOT.split(template))
        return cls(parts, max(parts[::2], key=len))


class _Texts(BaseModel):
    """The file of texts, as it is."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    speech: Mapping[str, tuple[tuple[str, ...], ...]]
    fields: Mapping[str, Mapping[str, str]]
    clients: frozenset[str]
    phrases: Mapping[str, str]
    skip: str
    slots: Mapping[str, tuple[str, ...]]
    stocks: Mapping[str, tuple[str, ...]]


class Stock:
    """The sentences and words that the fake model has."""

    def __init__(self, texts: _Texts) -> None:
        self.ways = texts.speech
        """By way of talking: sequences of sentence stocks, of which an utterance takes one."""
        self.fields = texts.fields
        """By prompt: the sentence stock of each field of a JSON answer."""
        self.clients = texts.clients
        """Prompts that are answered in the client's voice."""
        self.phrases = texts.phrases
        """By prompt: what tells it where the prompt book does not know it."""
        self.slots = texts.slots
        self.sentences = {
            name: tuple(map(Sentence.parse, stock)) for name, stock in texts.stocks.items()
        }
        self._skip = frozenset(texts.skip.split())

    def heard(self, utterance: str, rng: Random) -> str:
        """Draw a word of an utterance that an answer may take up."""
        heard = [word for word in _LONG_WORD.findall(utterance) if word not in self._skip]
        return rng.choice(heard) if heard else "this"


@cache
def load_stock() -> Stock:
    """Read the packaged texts, once."""
    return Stock(_Texts.model_validate(yaml.safe_load(TEXTS.read_text(encoding="utf-8"))))


class Talk:
    """One answer in the making: draws sentences that `said`, the prompt, does not have yet."""

    def __init__(self, rng: Random, said: str, heard: str) -> None:
        self._rng = rng
        self._said = said
        self._heard = heard
        self._stock = load_stock()

    def utterance(self, way: str) -> str:
        """Say something in a way of talking."""
        chosen: list[Sentence] = []
        for name in self._rng.choice(self._stock.ways[way]):
            chosen.append(self._draw(self._stock.sentences[name], chosen))
        return " ".join(map(self._fill, chosen))

    def sentences(self, name: str, count: int) -> list[str]:
        """Say `count` different sentences of a stock in its order; less if it has less."""
        stock = self._stock.sentences[name]
        places = sorted(self._rng.sample(range(len(stock)), min(count, len(stock))))
        return [self._fill(stock[place]) for place in places]

    def word(self) -> str:
        """Return a word or two."""
        return self._rng.choice(self._rng.choice(list(self._stock.slots.values())))

    def _draw(self, stock: Sequence[Sentence], chosen: Container[Sentence]) -> Sentence:
        first = self._rng.randrange(len(stock))
        for sentence in (*stock[first:], *stock[:first]):
            if sentence.mark not in self._said and sentence not in chosen:
                return sentence
        return stock[first]

    def _fill(self, sentence: Sentence) -> str:
        parts = list(sentence.parts)
        for place in range(1, len(parts), 2):
            slot = parts[place]
            parts[place] = (
                self._heard if slot == "heard" else self._rng.choice(self._stock.slots[slot])
            )
        text = "".join(parts)
        return text[0].upper() + text[1:]
