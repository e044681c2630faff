"""What an example holds: exactly what is asked at each trained turn, and which turns carry loss."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from langchain_core.messages import BaseMessage
from langchain_core.messages.utils import convert_to_openai_messages

from magnet.prompts import PromptBook
from magnet.prompts.texts import PACKAGED
from magnet.state import SessionState, Speaker, start_session
from magnet.store import Session
from magnet.training.data import ChosenSession, TrainingDataError
from magnet.training.data.examples import PROMPT, examples_of
from magnet.training.data.settings import Shape
from tests.training.told import GREETING, a_session

BOOK = PromptBook()
SESSION = a_session(1, exchanges=5)
TURNS = (2, 4, 6, 8, 10)


def chosen(*trained: int, session: Session = SESSION) -> ChosenSession:
    return ChosenSession(session=session, client="c", split="train", trained=trained or TURNS)


def examples(shape: Shape, one: ChosenSession, book: PromptBook = BOOK) -> list[Any]:
    return list(examples_of(one, book, shape))


def asked_at(index: int) -> list[BaseMessage]:
    """What the `finetuned` method asks for the utterance at this place."""
    state: SessionState = start_session(SESSION.client, SESSION.settings)
    state["utterances"] = [*state["utterances"], *SESSION.utterances[2:index]]
    return BOOK.messages(PROMPT, state)


def bare(messages: list[Any]) -> list[dict[str, str]]:
    return [{"role": m["role"], "content": m["content"]} for m in messages]


def overridden(folder: Path, **changes: object) -> PromptBook:
    content = yaml.safe_load((PACKAGED / f"{PROMPT}.yaml").read_text(encoding="utf-8"))
    (folder / f"{PROMPT}.yaml").write_text(yaml.safe_dump(content | changes), encoding="utf-8")
    return PromptBook(overrides=folder)


def test_a_session_holds_before_each_turn_exactly_what_is_asked_there() -> None:
    (example,) = examples("session", chosen())
    messages = bare(example["messages"])
    for index in TURNS:
        asked = convert_to_openai_messages(asked_at(index))
        assert messages[: len(asked)] == asked
        answer = {"role": "assistant", "content": SESSION.utterances[index].text}
        assert messages[len(asked)] == answer
    assert len(messages) == len(asked_at(TURNS[-1])) + 1, "nothing follows the last trained turn"


def test_an_utterance_is_asked_exactly_as_in_play() -> None:
    found = examples("utterance", chosen())
    assert [e["prompt"] for e in found] == [
        convert_to_openai_messages(asked_at(index)) for index in TURNS
    ]
    assert [e["completion"] for e in found] == [
        [{"role": "assistant", "content": SESSION.utterances[index].text}] for index in TURNS
    ]


def test_all_of_the_counselors_messages_say_whether_they_are_trained_and_no_others() -> None:
    (example,) = examples("session", chosen())
    by_role = {(m["role"], m.get("train")) for m in example["messages"]}
    assert by_role == {
        ("system", None),
        ("user", None),
        ("assistant", False),
        ("assistant", True),
    }
    assert [m["content"] for m in example["messages"] if m.get("train") is False] == [GREETING]


@pytest.mark.parametrize("trained", [TURNS, (4, 8), (2,), (10,)])
def test_both_shapes_train_the_same_texts(trained: tuple[int, ...]) -> None:
    (whole,) = examples("session", chosen(*trained))
    single = examples("utterance", chosen(*trained))
    wanted = [SESSION.utterances[index].text for index in trained]
    assert [m["content"] for m in whole["messages"] if m.get("train")] == wanted
    assert [e["completion"][0]["content"] for e in single] == wanted


def test_examples_name_their_session_and_client() -> None:
    for shape in ("session", "utterance"):
        assert {(e["session"], e["client"]) for e in examples(shape, chosen())} == {
            (SESSION.id, "c")
        }


def test_the_counselor_is_told_no_more_than_it_may_know() -> None:
    for shape in ("session", "utterance"):
        told = str(examples(shape, chosen()))
        assert "Reason number 1." in told
        assert "Not for the counselor." not in told


@pytest.mark.parametrize(
    ("change", "trained"),
    [
        ({"instruction": "Speak now."}, TURNS),
        ({"voice": "none"}, TURNS),
        ({"voice": "none"}, (2,)),
        ({"voice": "client"}, TURNS),
        ({"voice": "client"}, (2,)),
    ],
)
def test_a_prompt_that_no_single_conversation_can_hold_is_refused(
    change: dict[str, object], trained: tuple[int, ...], tmp_path: Path
) -> None:
    book = overridden(tmp_path, **change)
    with pytest.raises(TrainingDataError, match=r"counselor-finetuned.*examples='utterance'"):
        examples("session", chosen(*trained), book)
    assert len(examples("utterance", chosen(*trained), book)) == len(trained)


def test_a_prompt_of_the_users_is_what_is_trained(tmp_path: Path) -> None:
    book = overridden(tmp_path, rules="Speak like a sailor.")
    for shape in ("session", "utterance"):
        assert "Speak like a sailor." in str(examples(shape, chosen(), book))


def test_only_the_counselor_is_trained() -> None:
    (example,) = examples("session", chosen())
    heard = {u.text for u in SESSION.utterances if u.speaker is Speaker.CLIENT}
    assert heard.isdisjoint(m["content"] for m in example["messages"] if "train" in m)
