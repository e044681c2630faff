"""From (prompt, state) to chat messages: the one place where a prompt is put together."""

import hashlib
import json
import math
import re
from collections.abc import Iterable, Mapping
from functools import cached_property, lru_cache
from pathlib import Path
from string import Template
from types import MappingProxyType
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage

from magnet.prompts.director_texts import DirectorTexts
from magnet.prompts.fields import STATIC, PromptField, is_directed, look, words_for
from magnet.prompts.layout import Layout
from magnet.prompts.texts import PromptFiles, PromptText, fill_in, load_prompts, replace_prompt
from magnet.state import OPENING_UTTERANCES, SessionState, Technique, Techniques, Utterance
from magnet.state.technique import packaged_techniques
from magnet.state.text import word_runs

OWN_WORDS = 6
NOTHING: Mapping[str, str] = MappingProxyType({})
_VARIABLE = re.compile(r"\$\{\w+\}")

# Chat templates that insist on a first message by the user would refuse the counselor's greeting.
_STAGE = "(The session begins.)"


@lru_cache(maxsize=16_384)
def _spoken(by_assistant: bool, text: str) -> BaseMessage:
    # An utterance stands in some hundred prompts of its session; its message is built once.
    return AIMessage(text) if by_assistant else HumanMessage(text)


@lru_cache(maxsize=1024)
def _template(text: str) -> Template:
    return Template(text)


class PromptBook:
    """The prompts of a session in one layout.

    `shared-first` puts what the agents share first (setting, client, dialogue) and what differs
    last, so that a server's prefix cache computes the shared part once. `paper` puts the agent's
    instruction first and the dialogue, as text, last.
    """

    def __init__(self, layout: Layout = "shared-first", overrides: Path | None = None) -> None:
        self.layout: Layout = layout
        self._templates: PromptFiles = load_prompts(overrides)
        self._books: dict[tuple[tuple[str, Technique], ...], PromptBook] = {}
        self._fill(packaged_techniques())

    def _fill(self, techniques: Techniques) -> None:
        self.techniques = techniques
        self._files = fill_in(self._templates, words_for(techniques))

    def about(self, techniques: Techniques) -> "PromptBook":
        """Return a book that speaks of a method's techniques; without any, this one.

        A new book speaks of the packaged techniques.
        """
        if not techniques or [*techniques.items()] == [*self.techniques.items()]:
            return self
        key = tuple(techniques.items())
        if key not in self._books:
            book = self._books[key] = self._copy()
            book._fill(techniques)
        return self._books[key]

    def _copy(self) -> "PromptBook":
        book = PromptBook.__new__(PromptBook)
        book.layout, book._templates, book._books = self.layout, self._templates, {}
        return book

    def with_prompt(self, name: str, path: Path) -> "PromptBook":
        """Return a book with a file's prompt in the place of one of this book's.

        Raises:
            PromptError: naming the file and the field.
        """
        book = self._copy()
        book._templates = replace_prompt(self._templates, name, path)
        book._fill(self.techniques)
        return book

    def messages(
        self,
        name: str,
        state: SessionState,
        *,
        hint: str | None = None,
        shorten: float = 0.0,
        told: Mapping[str, str] = NOTHING,
    ) -> list[BaseMessage]:
        """Return the chat messages of one prompt; the last is always the user's.

        Args:
            name: the prompt's file name without its ending.
            state: the session so far; the prompt sees only what its `sees` lists.
            hint: what to do better, when the agent is asked again.
            shorten: share of the exchanges to leave out, where the whole dialogue does not fit:
                the oldest after the opening pair go.
            told: what a director says, by the names that prompts see it under.

        Raises:
            PromptError: if there is no such prompt.
            ValueError: if the session lacks what the prompt shows.
        """
        prompt = self._files.prompt(name)
        if shorten:
            state = _shortened(state, shorten)
        values = look(state, prompt.sees)
        values |= {one: told.get(one, "") for one in prompt.sees if is_directed(one)}
        if PromptField.ATTITUDE in prompt.sees:
            values["attitude"] = self._files.attitudes[state["client"].attitude]
        build = _shared_first if self.layout == "shared-first" else _paper
        return build(prompt, self._files, values, state["utterances"], hint)

    def version(self, names: Iterable[str]) -> str:
        """Return a hash of all that decides what these prompts say, recorded in the session.

        What only other prompts show is left out: a text that is new to the project, or to a
        user's folder, ends the resuming of the sessions that use it, and of no others.
        """
        files, prompts = self._files, {name: self._files.prompt(name) for name in {*names}}
        prompt_fields = {
            prompt_field for prompt in prompts.values() for prompt_field in prompt.sees
        }
        content: dict[str, Any] = {
            "layout": self.layout,
            "settings": {one.setting: files.all_settings[one.setting] for one in prompts.values()},
            "blocks": {prompt_field: files.block(prompt_field) for prompt_field in prompt_fields},
            "prompts": {name: prompt.model_dump(mode="json") for name, prompt in prompts.items()},
        }
        if PromptField.ATTITUDE in prompt_fields:
            content["attitudes"] = {**files.attitudes}
        if any(prompt.is_directed for prompt in prompts.values()):
            content["director"] = files.director.model_dump(mode="json")
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:12]

    @property
    def director(self) -> DirectorTexts:
        """What a director can say."""
        return self._files.director

    @property
    def director_file(self) -> Path:
        """The file that this stands in."""
        return self._files.director_file

    def sees(self, name: str) -> tuple[str, ...]:
        """Return what a prompt shows.

        Raises:
            PromptError: if there is no such prompt.
        """
        return self._files.prompt(name).sees

    def recognize(self, text: str) -> str | None:
        """Name a prompt that a conversation can be made from, by its longest fixed line."""
        return next((name for name, line in self._telling_lines if line and line in text), None)

    def own_words(self, name: str) -> frozenset[tuple[str, ...]]:
        """The runs of `OWN_WORDS` words that are the prompts' own, whatever the session.

        A speaker who says one of them repeats instructions. One whose prompt, the one of this
        name, hears nothing from a director cannot repeat one.
        """
        if self._files.prompt(name).is_directed:
            return self._ordinary_words | self._directors_words
        return self._ordinary_words

    @cached_property
    def _ordinary_words(self) -> frozenset[tuple[str, ...]]:
        files = self._files
        shared = [*files.settings.values(), *files.blocks.values(), *files.attitudes.values()]
        return _runs([*shared, *self._prompt_texts(directed=False)])

    @cached_property
    def _directors_words(self) -> frozenset[tuple[str, ...]]:
        return _runs([*self._files.director.texts, *self._prompt_texts(directed=True)])

    def _prompt_texts(self, *, directed: bool) -> list[str]:
        prompts = [p for p in self._files.prompts.values() if p.is_directed is directed]
        return [text for prompt in prompts for text in (prompt.rules, prompt.instruction)]

    @cached_property
    def _telling_lines(self) -> list[tuple[str, str]]:
        return [(name, _telling_line(one)) for name, one in self._files.prompts.items()]


def _shortened(state: SessionState, share: float) -> SessionState:
    said = state["utterances"]
    generated = said[OPENING_UTTERANCES:]
    # What is answered now always stays: the newest utterance, or the newest exchange.
    spare = max(0, (len(generated) - 1) // 2)
    dropped = 2 * min(spare, math.ceil(spare * share))
    kept = [*said[:OPENING_UTTERANCES], *generated[dropped:]]
    return {**state, "utterances": kept}


def _runs(texts: Iterable[str]) -> frozenset[tuple[str, ...]]:
    parts = (part for text in texts for part in _VARIABLE.split(text))
    return frozenset[tuple[str, ...]]().union(*(word_runs(part, OWN_WORDS) for part in parts))


def _telling_line(prompt: PromptText) -> str:
    lines = [line.strip() for line in f"{prompt.rules}\n{prompt.instruction}".splitlines()]
    return max((line for line in lines if "${" not in line), key=len, default="")


def _fill(text: str, values: Mapping[str, str]) -> str:
    return _template(text).substitute(values).strip()


def _blocks(
    files: PromptFiles, prompt_fields: Iterable[str], values: Mapping[str, str]
) -> list[str]:
    # What the director has nothing to say on leaves no trace, and neither does its frame.
    return [
        _fill(files.block(prompt_field), values)
        for prompt_field in prompt_fields
        if values[prompt_field]
    ]


def _join(parts: Iterable[str]) -> str:
    return "\n\n".join(part for part in parts if part)


def _shared_first(
    prompt: PromptText,
    files: PromptFiles,
    values: Mapping[str, str],
    utterances: list[Utterance],
    hint: str | None,
) -> list[BaseMessage]:
    spoken = prompt.voice != "none" and PromptField.DIALOGUE in prompt.sees
    shared = [prompt_field for prompt_field in prompt.sees if prompt_field in STATIC]
    last = [
        prompt_field
        for prompt_field in prompt.sees
        if prompt_field not in STATIC and prompt_field != PromptField.DIALOGUE
    ]
    system = _join(
        [
            _fill(files.all_settings[prompt.setting], values),
            *_blocks(files, shared, values),
            _fill(prompt.rules, values),
        ]
    )
    task = _join([*_blocks(files, last, values), _fill(prompt.instruction, values), hint or ""])
    if not spoken:
        dialogue = [PromptField.DIALOGUE] if PromptField.DIALOGUE in prompt.sees else []
        return [
            SystemMessage(system),
            HumanMessage(_join([*_blocks(files, dialogue, values), task])),
        ]
    messages: list[BaseMessage] = [SystemMessage(system)]
    if utterances[0].speaker == prompt.voice:
        messages.append(_spoken(False, _STAGE))
    messages += [_spoken(u.speaker == prompt.voice, u.text) for u in utterances[:-1]]
    # A prompt that sees what was said last has it in its task.
    said = "" if PromptField.HEARD in prompt.sees else utterances[-1].text
    return [*messages, HumanMessage(_join([said, task]))]


def _paper(
    prompt: PromptText,
    files: PromptFiles,
    values: Mapping[str, str],
    utterances: list[Utterance],
    hint: str | None,
) -> list[BaseMessage]:
    del utterances  # in this layout the dialogue is a block of text
    # The dialogue ends with what was heard last.
    sees = [
        s for s in prompt.sees if s != PromptField.HEARD or PromptField.DIALOGUE not in prompt.sees
    ]
    order = sorted(sees, key=lambda prompt_field: prompt_field == PromptField.DIALOGUE)
    setting = _fill(files.all_settings[prompt.setting], values)
    task = [setting, _fill(prompt.rules, values), _fill(prompt.instruction, values)]
    return [
        SystemMessage(_join(task)),
        HumanMessage(_join([*_blocks(files, order, values), hint or ""])),
    ]
