"""From a chosen session to training examples, with the messages that the model is asked with.

The prompt book makes them, from the prompt of the `finetuned` method: what is trained is what is
asked when the method plays.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import NotRequired, TypedDict

from langchain_core.messages import BaseMessage

from magnet.prompts import PromptBook
from magnet.state import OPENING_UTTERANCES, SessionState, Speaker, Utterance
from magnet.state.errors import Option
from magnet.store import Session
from magnet.training.data.choosing import ChosenSession
from magnet.training.data.errors import TrainingDataError
from magnet.training.data.settings import Shape

PROMPT = "counselor-finetuned"
"""The prompt of the counselor in the `finetuned` method."""

_ROLES: Mapping[str, str] = {"system": "system", "human": "user", "ai": "assistant"}


class Message(TypedDict):
    """A chat message; `train` says of an assistant's in a whole session whether it carries loss."""

    role: str
    content: str
    train: NotRequired[bool]


class SessionExample(TypedDict):
    """A whole session, to its last trained utterance."""

    session: str
    client: str
    messages: list[Message]


class UtteranceExample(TypedDict):
    """One trained utterance with what is asked for it."""

    session: str
    client: str
    prompt: list[Message]
    completion: list[Message]


Example = SessionExample | UtteranceExample


def examples_of(chosen: ChosenSession, book: PromptBook, shape: Shape) -> Iterator[Example]:
    """Make the examples of a session.

    Args:
        chosen: the session, and which of its utterances are trained.
        book: the prompts, in the layout that the method will play in.
        shape: `session` gives one example, in which each trained utterance is preceded by exactly
            what is asked for it; `utterance` gives one for each. Both train the same texts.

    Raises:
        TrainingDataError: the prompt asks at its end, so that no single conversation of the session
            holds what is asked at each turn.
    """
    return _SHAPES[shape](chosen, book)


def _session(chosen: ChosenSession, book: PromptBook) -> Iterator[Example]:
    said = chosen.session.utterances
    last = said[chosen.trained[-1]]
    asked = _asked(chosen.session, last, book)
    spoken = [u for u in said[: last.index] if u.speaker is Speaker.COUNSELOR]
    _check_prefix(chosen.session, asked, spoken, book)
    messages = [_plain(message) for message in asked]
    # The greeting is the first of them: it is given, not generated, and so never trained.
    own = [message for message in messages if message["role"] == "assistant"]
    for message, utterance in zip(own, spoken, strict=True):
        message["train"] = utterance.index in chosen.trained
    answer = Message(role="assistant", content=last.text, train=True)
    yield SessionExample(
        session=chosen.session.id, client=chosen.client, messages=[*messages, answer]
    )


def _utterances(chosen: ChosenSession, book: PromptBook) -> Iterator[Example]:
    for index in chosen.trained:
        said = chosen.session.utterances[index]
        yield UtteranceExample(
            session=chosen.session.id,
            client=chosen.client,
            prompt=[_plain(message) for message in _asked(chosen.session, said, book)],
            completion=[Message(role="assistant", content=said.text)],
        )


_SHAPES: Mapping[Shape, Callable[[ChosenSession, PromptBook], Iterator[Example]]] = {
    "session": _session,
    "utterance": _utterances,
}


def _asked(session: Session, answer: Utterance, book: PromptBook) -> list[BaseMessage]:
    """Return what the `finetuned` method asks its model for this utterance."""
    before = list(session.utterances[: answer.index])
    state = SessionState(client=session.client, settings=session.settings, utterances=before)
    return book.messages(PROMPT, state)


def _check_prefix(
    session: Session, asked: list[BaseMessage], spoken: list[Utterance], book: PromptBook
) -> None:
    first = _asked(session, session.utterances[OPENING_UTTERANCES], book)
    told = [message.text for message in asked if message.type == "ai"]
    if asked[: len(first)] != first or told != [u.text for u in spoken]:
        raise TrainingDataError(
            f"prompt {PROMPT}: what it asks at one turn does not stand unchanged before the next, "
            "so a session is no single example. Write it as rules, with an empty instruction and "
            "the voice counselor, or make an example of each utterance ({examples})",
            examples=Option("examples", "utterance"),
        )


def _plain(message: BaseMessage) -> Message:
    return Message(role=_ROLES[message.type], content=message.text)
