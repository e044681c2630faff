"""What each agent is shown, in which messages, and by which hash that is known."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml
from langchain_core.messages import BaseMessage

from magnet.graph import load_methods
from magnet.nodes.director.telling import messages_for
from magnet.prompts import Layout, PromptBook, PromptError, load_prompts
from magnet.prompts.texts import PACKAGED
from magnet.state import Utterance
from magnet.state.technique import packaged_techniques
from tests.prompts.sessions import MARKS, clients_turn, counselors_turn

LAYOUTS: tuple[Layout, ...] = get_args(Layout)
PROMPTS = load_prompts().prompts
SPECIALISTS = list(packaged_techniques())
BOOKS: Mapping[Layout, PromptBook] = {layout: PromptBook(layout) for layout in LAYOUTS}
HINT = "Say something new this time."

# Source: MAGneT, arXiv 2509.04183, section 3, and the prompts of the methods compared there.
_SPECIALIST = {"client_information", "reason", "dialogue"}
_FORM = {"client_information", "reason", "presenting_problem", "history", "functioning"}
SEEN_BY: Mapping[str, set[str]] = {
    **dict.fromkeys(SPECIALISTS, _SPECIALIST),
    "planner": {"client_information", "reason", "client_statement"},
    "selector": {"plan", "dialogue"},
    "selector-no-plan": {"dialogue"},
    "fusion": {"candidates", "techniques"},
    "fusion-plan-dialogue": {"plan", "dialogue", "candidates"},
    "fusion-dialogue": {"dialogue", "candidates"},
    "client": {*_FORM, "social_support", "attitude", "dialogue"},
    "counselor-cactus": {"client_information", "reason", "plan", "dialogue"},
    "counselor-psych8k": {"dialogue"},
    "counselor-finetuned": {"client_information", "reason", "dialogue"},
    **dict.fromkeys((f"{name}-plus" for name in SPECIALISTS), _SPECIALIST),
    "planner-plus": {"client_information", "reason", "client_statement"},
    "selector-plus": {"plan", "dialogue"},
    "fusion-plus": {"candidates"},
    "client-plus": {*_FORM, "social_support", "attitude", "dialogue"},
    "screen": set(),
    "feelings": {"attitude"},
}
SEE_THE_NEWEST_WORDS = {"screen", "feelings", "fusion-plus"}


def ask(
    book: PromptBook, name: str, exchange: int = 3, *, hint: str | None = None
) -> list[BaseMessage]:
    state = clients_turn(exchange) if PROMPTS[name].voice == "client" else counselors_turn(exchange)
    return messages_for(book, name, state, hint=hint)


def told(messages: list[BaseMessage]) -> str:
    return "\n".join(message.text for message in messages)


def test_every_packaged_prompt_is_in_the_table_of_who_sees_what() -> None:
    assert set(SEEN_BY) == set(PROMPTS)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("name", SEEN_BY)
def test_an_agent_is_shown_what_it_may_see_and_nothing_else(name: str, layout: Layout) -> None:
    shown = told(ask(BOOKS[layout], name))
    found = {what for what, mark in MARKS.items() if mark in shown}
    # The client's first words stand in the dialogue too.
    allowed = SEEN_BY[name] | set[str]({"client_statement"} if "dialogue" in SEEN_BY[name] else ())
    allowed |= {"dialogue"} if name in SEE_THE_NEWEST_WORDS else set()
    assert found == allowed
    assert ("Petrova" in shown) == ("client_information" in allowed)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("name", SEEN_BY)
@pytest.mark.parametrize("exchange", [1, 2, 5])
def test_the_last_message_is_the_users_and_roles_alternate(
    name: str, layout: Layout, exchange: int
) -> None:
    roles = [message.type for message in ask(BOOKS[layout], name, exchange)]
    spoken = layout == "shared-first" and PROMPTS[name].voice != "none"
    # Up to the last user's message: the system's, then pairs; the counselor's first words answer
    # a stage direction, the client has heard them.
    pairs = exchange if spoken else 0
    assert roles == ["system", *["human", "ai"] * pairs, "human"]


@pytest.mark.parametrize("name", [*SPECIALISTS, "client"])
def test_an_agent_in_the_session_speaks_its_own_words_as_the_assistant(name: str) -> None:
    messages = ask(BOOKS["shared-first"], name, 2)
    state = clients_turn(2) if PROMPTS[name].voice == "client" else counselors_turn(2)
    own = [u.text for u in state["utterances"] if u.speaker == PROMPTS[name].voice]
    heard = [u.text for u in state["utterances"] if u.speaker != PROMPTS[name].voice]
    assert [m.text for m in messages if m.type == "ai"] == own
    users = [m.text for m in messages if m.type == "human"][-len(heard) :]
    assert users[:-1] == heard[:-1]
    assert users[-1].startswith(heard[-1])


@pytest.mark.parametrize("exchange", [1, 4])
def test_the_specialists_share_all_but_the_instruction(exchange: int) -> None:
    asked = [ask(BOOKS["shared-first"], name, exchange) for name in SPECIALISTS]
    assert all(messages[:-1] == asked[0][:-1] for messages in asked)
    heard = counselors_turn(exchange)["utterances"][-1].text
    instructions = [PROMPTS[name].instruction.strip() for name in SPECIALISTS]
    assert [messages[-1].text for messages in asked] == [
        f"{heard}\n\n{instruction}" for instruction in instructions
    ]
    assert len(set(instructions)) == len(instructions)


@pytest.mark.parametrize(
    "name", [name for name, prompt in PROMPTS.items() if prompt.voice != "none"]
)
def test_from_exchange_to_exchange_messages_are_added_and_none_is_changed(name: str) -> None:
    for exchange in (1, 2, 3):
        before = ask(BOOKS["shared-first"], name, exchange)
        after = ask(BOOKS["shared-first"], name, exchange + 1)
        same = len(before) - 1
        assert len(after) == len(before) + 2
        assert after[:same] == before[:same]
        assert after[same].text in before[same].text


@pytest.mark.parametrize(
    "name", [name for name, seen in SEEN_BY.items() if "dialogue" in seen and "selector" in name]
)
def test_a_dialogue_told_as_text_stands_before_what_changes(name: str) -> None:
    before = told(ask(BOOKS["shared-first"], name, 3))
    after = told(ask(BOOKS["shared-first"], name, 4))
    last = counselors_turn(3)["utterances"][-1].text
    assert after.startswith(before[: before.index(last) + len(last)])


@pytest.mark.parametrize("name", SEEN_BY)
def test_the_papers_layout_puts_the_instruction_first_and_the_dialogue_last(name: str) -> None:
    system, user = ask(BOOKS["paper"], name)
    fixed = [
        line.strip()
        for line in PROMPTS[name].instruction.splitlines()
        if line.strip() and "${" not in line
    ]
    assert all(line in system.text and line not in user.text for line in fixed)
    assert "${" not in system.text + user.text
    if "dialogue" in SEEN_BY[name]:
        state = clients_turn(3) if PROMPTS[name].voice == "client" else counselors_turn(3)
        assert user.text.endswith(state["utterances"][-1].text)
        opening = state["utterances"][0].text
        assert user.text.index(opening) < user.text.index(state["utterances"][-1].text)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("name", SEEN_BY)
def test_a_hint_comes_last_and_changes_nothing_else(name: str, layout: Layout) -> None:
    plain, hinted = (ask(BOOKS[layout], name, hint=hint) for hint in (None, HINT))
    assert hinted[:-1] == plain[:-1]
    assert hinted[-1].text == f"{plain[-1].text}\n\n{HINT}"


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("name", [name for name, seen in SEEN_BY.items() if "dialogue" in seen])
def test_a_shortened_dialogue_keeps_its_opening_and_its_newest(name: str, layout: Layout) -> None:
    state = clients_turn(8) if PROMPTS[name].voice == "client" else counselors_turn(8)
    said = [u.text for u in state["utterances"]]
    left_out = 0
    for share in (0.25, 0.5, 0.75):
        messages = messages_for(BOOKS[layout], name, state, shorten=share)
        shown = told(messages)
        # Their numbers end them: "number 1" would be found in "number 15".
        missing = [i for i, text in enumerate(said) if not re.search(rf"{text}(?!\d)", shown)]
        assert len(missing) > left_out
        left_out = len(missing)
        assert missing == list(range(2, 2 + left_out))
        assert left_out % 2 == 0
        roles = [message.type for message in messages]
        assert roles == ["system", *["human", "ai"] * (len(roles) // 2 - 1), "human"]


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("name", ["client", "selector", "reflection"])
def test_what_a_model_said_is_no_template(name: str, layout: Layout) -> None:
    state = clients_turn(2) if PROMPTS[name].voice == "client" else counselors_turn(2)
    last = state["utterances"][-1]
    text = "It cost $5, ${name}, {reason} and $$."
    said = Utterance(index=last.index, speaker=last.speaker, text=text)
    state["utterances"] = [*state["utterances"][:-1], said]
    assert text in told(messages_for(BOOKS[layout], name, state))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_what_is_quoted_as_heard_last_stands_there_once(layout: Layout) -> None:
    last = clients_turn(3)["utterances"][-1].text
    shown = told(ask(BOOKS[layout], "client-plus"))
    assert shown.count(last) == 1
    assert (f'The counselor says: "{last}"' in shown) is (layout == "shared-first")


def test_the_drafts_of_a_directed_fusion_are_parted() -> None:
    others, chosen = told(ask(BOOKS["shared-first"], "fusion-plus")).split("The chosen drafts:")
    assert others.count(MARKS["candidates"]) == 3
    assert chosen.count(MARKS["candidates"]) == 2
    assert "reflection" not in others + chosen


def test_the_chosen_drafts_come_first_and_are_marked() -> None:
    text = told(ask(BOOKS["shared-first"], "fusion"))
    drafts = [line for line in text.splitlines() if MARKS["candidates"] in line]
    assert [line.partition(":")[0] for line in drafts] == [
        "solutions (chosen)",
        "normalizing (chosen)",
        "reflection",
        "questioning",
        "psycho-education",
    ]


@pytest.mark.parametrize(
    ("name", "lacking", "complaint"),
    [
        ("selector", "plan", "shows the plan"),
        ("fusion", "selections", "has no selector"),
        ("fusion-plus", "selections", "has no selector"),
    ],
)
def test_a_session_without_what_a_prompt_shows_is_refused(
    name: str, lacking: str, complaint: str
) -> None:
    state: Any = {k: v for k, v in counselors_turn(1).items() if k != lacking}
    with pytest.raises(ValueError, match=complaint):
        PromptBook().messages(name, state)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("name", SEEN_BY)
def test_a_conversation_is_recognized_as_its_agents(name: str, layout: Layout) -> None:
    methods = load_methods().values()
    agent_of = {prompt: agent for m in methods for agent, prompt in m.agents.items()}
    found = PromptBook().recognize(told(ask(BOOKS[layout], name)))
    assert found is not None
    assert agent_of[found] == agent_of[name]


def test_another_conversation_is_not_recognized() -> None:
    assert PromptBook().recognize("You are a helpful assistant.\nWhat is the capital?") is None


def test_a_prompt_without_a_fixed_line_is_not_recognized_everywhere(tmp_path: Path) -> None:
    mine = {"setting": "plain", "voice": "none", "sees": ["reason"], "instruction": "${reason}"}
    (tmp_path / "a-mine.yaml").write_text(yaml.safe_dump(mine), encoding="utf-8")
    book = PromptBook(overrides=tmp_path)
    assert book.recognize("What is the capital of France?") is None
    assert book.recognize(told(ask(book, "client"))) == "client"


def test_an_unknown_prompt_is_named_with_those_that_there_are() -> None:
    for call in (
        lambda: PromptBook().messages("reflecting", counselors_turn(1)),
        lambda: PromptBook().version(["reflecting"]),
    ):
        with pytest.raises(PromptError, match=r"'reflecting'.*reflection"):
            call()


def texts_of(file: Path) -> Iterator[str]:
    content = yaml.safe_load(file.read_text(encoding="utf-8"))
    yield from (field for field, value in content.items() if isinstance(value, str))


SHARED = ("settings", "blocks", "attitudes")
FILES = sorted(PACKAGED.glob("*.yaml"))
WORDED = [
    pytest.param(file.stem, field, id=f"{file.stem}-{field}")
    for file in FILES
    for field in texts_of(file)
    if file.stem in SHARED or field in ("rules", "instruction")
]


def override(folder: Path, name: str, **changes: object) -> Path:
    content = yaml.safe_load((PACKAGED / f"{name}.yaml").read_text(encoding="utf-8"))
    folder.mkdir(exist_ok=True)
    text = yaml.safe_dump(content | changes, allow_unicode=True)
    (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return folder


def showing(file: str, entry: str) -> Iterator[str]:
    """Name the prompts that show an entry of a file that they share."""
    for name in PROMPTS:
        prompt = yaml.safe_load((PACKAGED / f"{name}.yaml").read_text(encoding="utf-8"))
        shown = {
            "settings": [prompt["setting"]],
            "blocks": prompt["sees"],
            "attitudes": prompt["sees"],
        }[file]
        if (file == "attitudes" and "attitude" in shown) or entry in shown:
            yield name


@pytest.mark.parametrize(("file", "field"), WORDED)
def test_the_hash_changes_with_every_text(file: str, field: str, tmp_path: Path) -> None:
    content = yaml.safe_load((PACKAGED / f"{file}.yaml").read_text(encoding="utf-8"))
    changed = PromptBook(overrides=override(tmp_path, file, **{field: f"{content[field]} More."}))
    before = PromptBook()
    differ = {name for name in PROMPTS if changed.version([name]) != before.version([name])}
    assert differ == ({*showing(file, field)} if file in SHARED else {file})


def test_the_hash_changes_with_what_a_prompt_sees_its_voice_and_setting(tmp_path: Path) -> None:
    changes: list[dict[str, object]] = [
        {"sees": ["dialogue", "reason"]},
        {"voice": "none"},
        {"setting": "plain"},
        {},
    ]
    books = [
        PromptBook(overrides=override(tmp_path / str(n), "counselor-finetuned", **change))
        for n, change in enumerate(changes)
    ]
    assert len({book.version(["counselor-finetuned"]) for book in books}) == len(changes)


def test_the_hash_stays_when_no_text_changes(tmp_path: Path) -> None:
    for file in FILES:
        override(tmp_path, file.stem)
    (tmp_path / "mine.yaml").write_text((PACKAGED / "client.yaml").read_text(), encoding="utf-8")
    same, packaged = PromptBook(overrides=tmp_path), PromptBook()
    assert same.version(PROMPTS) == packaged.version(PROMPTS)
    assert packaged.version(["client", "fusion"]) == packaged.version(["fusion", "client"] * 2)


def test_the_hash_differs_between_prompts_and_layouts() -> None:
    versions = {book.version([name]) for book in BOOKS.values() for name in PROMPTS}
    assert len(versions) == len(PROMPTS) * len(LAYOUTS)
    assert all(len(version) == 12 for version in versions)


def test_a_folder_of_the_users_replaces_and_adds(tmp_path: Path) -> None:
    override(tmp_path, "reflection", instruction="Answer with a weather report.")
    mine = {"setting": "plain", "voice": "none", "sees": ["reason"], "instruction": "Go."}
    (tmp_path / "mine.yaml").write_text(yaml.safe_dump(mine), encoding="utf-8")
    (tmp_path / "notes.txt").write_text("no prompt", encoding="utf-8")
    book = PromptBook(overrides=tmp_path)
    state = counselors_turn(1)
    assert book.messages("reflection", state)[-1].text.endswith("Answer with a weather report.")
    assert MARKS["reason"] in told(book.messages("mine", state))
    assert book.messages("client", state) == PromptBook().messages("client", state)
