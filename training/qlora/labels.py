"""From conversations to tokens and labels: which tokens carry loss.

The model's own chat template is used as it is, so that what is trained is what it sees when it
speaks. Where a message begins and ends in the rendered text is found by rendering the conversation
up to it; nothing is put into the template.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from magnet.state.errors import Command, Option
from magnet.training.qlora.conversations import Conversation
from magnet.training.qlora.errors import TemplateError

IGNORED = -100
"""The label of a token without loss: PyTorch's `ignore_index`."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """A tokenized conversation.

    Args:
        input_ids: tokens, as the chat template renders the conversation.
        labels: as many; the token itself where it carries loss, else `IGNORED`.
    """

    input_ids: list[int]
    labels: list[int]

    @property
    def learned(self) -> int:
        """How many tokens carry loss."""
        return sum(label != IGNORED for label in self.labels)


def label(conversation: Conversation, tokenizer: Any) -> Labelled:
    """Tokenize a conversation; only learned messages and their end tokens carry loss.

    What follows the last learned message teaches nothing and is left out.

    Args:
        conversation: the example.
        tokenizer: of the base, a fast one, with a chat template.

    Raises:
        TemplateError: if the template changes a learned message, gives it no end token, renders it
            otherwise once others follow, or if the tokenizer joins it with what stands before it.
    """
    messages = conversation.messages[: conversation.learned[-1] + 1]
    text = _render(tokenizer, messages)
    # The template has put in the special tokens already.
    encoded = tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)
    ids: list[int] = encoded["input_ids"]
    offsets: list[tuple[int, int]] = encoded["offset_mapping"]
    special = {i for i, token in tokenizer.added_tokens_decoder.items() if token.special}
    labels = [IGNORED] * len(ids)
    for index in conversation.learned:
        span = _find(tokenizer, messages, index, text)
        for i in _learned_tokens(ids, offsets, special, span, index):
            labels[i] = ids[i]
    return Labelled(ids, labels)


def prompt_before(conversation: Conversation, index: int, tokenizer: Any) -> str:
    """Render what the model sees when it is to say a message."""
    return _render(tokenizer, conversation.messages[:index], add_generation_prompt=True)


@dataclass(frozen=True, slots=True)
class _Span:
    start: int
    content_end: int
    end: int
    """Where the template's part of the message ends, the end token included."""


def _find(tokenizer: Any, messages: tuple[dict[str, str], ...], index: int, text: str) -> _Span:
    before = _render(tokenizer, messages[:index], add_generation_prompt=True)
    through = _render(tokenizer, messages[: index + 1])
    if not (through.startswith(before) and text.startswith(through)):
        raise TemplateError(
            f"message {index}: the chat template renders it otherwise once others follow, so the "
            "model would not see in training what it sees when it speaks. Write the data with "
            "'{data}', or take another base",
            data=Command(("train", "data"), (Option("examples", "utterance"),)),
        )
    content = messages[index]["content"].strip()
    start = through.find(content, len(before))
    if not content or start < 0:
        raise TemplateError(
            f"message {index}: the chat template does not show its text as it is "
            f"({content[:40]!r}). Take another base"
        )
    return _Span(start, start + len(content), len(through))


def _learned_tokens(
    ids: list[int],
    offsets: list[tuple[int, int]],
    special: set[int],
    span: _Span,
    index: int,
) -> Iterator[int]:
    for i, (start, end) in enumerate(offsets):
        if end <= span.start:
            continue
        if start < span.start:
            raise TemplateError(
                f"message {index}: the tokenizer joins its first letters with what the template "
                "puts before them; the model would learn a token that it cannot begin with. Take "
                "another base"
            )
        if start >= span.end:
            break
        yield i
        if start >= span.content_end and ids[i] in special:
            return
    raise TemplateError(
        f"message {index}: the chat template puts no end token after it, so the model would never "
        "learn to stop. Take an instruction-tuned base"
    )


def _render(tokenizer: Any, messages: tuple[dict[str, str], ...], **options: bool) -> str:
    from jinja2 import TemplateError as JinjaError

    try:
        return tokenizer.apply_chat_template(list(messages), tokenize=False, **options)
    except JinjaError as error:
        raise TemplateError(
            f"the chat template of the base refuses the conversation: {error}. Take a base whose "
            "template has a system message and turns by user and assistant"
        ) from error
