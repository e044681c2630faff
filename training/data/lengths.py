"""How long examples are in a model's tokens."""

from collections.abc import Sequence
from pathlib import Path
from statistics import median, quantiles
from typing import Any, Protocol

from pydantic import BaseModel, ConfigDict

from magnet.state.errors import Extra
from magnet.training.bases import read_tokenizer
from magnet.training.data.errors import TrainingDataError
from magnet.training.data.examples import Example, Message

_END = 1
"""Tokens that end an utterance, and are trained with it."""


class ChatTokenizer(Protocol):
    """What is used of a tokenizer of transformers."""

    name_or_path: str

    def apply_chat_template(self, conversation: Any, *, tokenize: bool) -> Any:
        """Return a conversation as one text."""
        ...

    def __call__(self, text: list[str], *, add_special_tokens: bool) -> Any:
        """Return the token ids of texts, as `input_ids`."""
        ...


class TokenCounts(BaseModel):
    """The lengths of some examples in tokens, chat template included."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    median: float
    p95: float
    longest: int
    total: int
    trained: int
    """Of the trained texts, with an end token each."""


def load_tokenizer(name: str) -> ChatTokenizer:
    """Load a tokenizer by its name on the Hugging Face hub, its folder, or a GGUF file.

    Raises:
        TrainingDataError: transformers is not installed, or it is the tokenizer of no chat model.
        BaseModelError: it cannot be read.
    """
    try:
        tokenizer = read_tokenizer(name)
    except ImportError as error:
        raise TrainingDataError(
            "counting tokens needs transformers: {extra}", extra=Extra("train")
        ) from error
    if not tokenizer.chat_template:
        raise TrainingDataError(
            f"tokenizer {name}: has no chat template. Name that of a chat (instruct) model"
        )
    # A card is published: it names a file or folder without the way to it on this machine.
    tokenizer.name_or_path = Path(name).name if Path(name).expanduser().exists() else name
    return tokenizer


def count_tokens(example: Example, tokenizer: ChatTokenizer) -> tuple[int, int]:
    """Return the tokens of an example: all of them, and the trained ones.

    Raises:
        TrainingDataError: the chat template refuses the messages.
    """
    messages = _messages(example)
    try:
        text = tokenizer.apply_chat_template(messages, tokenize=False)
    except Exception as error:  # a template raises whatever its author chose
        raise TrainingDataError(
            f"tokenizer {tokenizer.name_or_path}: its chat template refuses session "
            f"{example['session']}: {error}. Take a model whose template has a system message and "
            "turns by user and assistant"
        ) from error
    trained = [m["content"] for m in messages if m.get("train")]
    whole, *parts = tokenizer([text, *trained], add_special_tokens=False)["input_ids"]
    return len(whole), sum(len(part) + _END for part in parts)


def summarize(counted: Sequence[tuple[int, int]]) -> TokenCounts:
    """Sum up what `count_tokens` gave for one example or more."""
    lengths = [length for length, _ in counted]
    twentieths = quantiles(lengths, n=20, method="inclusive") if len(lengths) > 1 else lengths
    return TokenCounts(
        median=median(lengths),
        p95=twentieths[-1],
        longest=max(lengths),
        total=sum(lengths),
        trained=sum(trained for _, trained in counted),
    )


def _messages(example: Example) -> list[Message]:
    if "messages" in example:
        return example["messages"]
    answers = [
        Message(role=m["role"], content=m["content"], train=True) for m in example["completion"]
    ]
    return [*example["prompt"], *answers]
