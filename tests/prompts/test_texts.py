"""Prompt files that cannot be used: each is refused when it is read, by file and field."""

from pathlib import Path

import pytest
import yaml

from magnet.prompts import PromptBook, PromptError, PromptField, load_prompts
from magnet.prompts.texts import PACKAGED
from tests.prompts.sessions import counselors_turn

GOOD: dict[str, object] = {
    "setting": "plain",
    "voice": "none",
    "sees": ["reason", "dialogue"],
    "rules": "Be brief.",
    "instruction": "Answer ${reason}.",
}


def refused(folder: Path) -> str:
    with pytest.raises(PromptError) as repeats:
        load_prompts(folder)
    return str(repeats.value)


def write(folder: Path, name: str, content: object) -> Path:
    text = yaml.safe_dump(content, allow_unicode=True)
    (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return folder


def packaged(name: str) -> dict[str, object]:
    return yaml.safe_load((PACKAGED / f"{name}.yaml").read_text(encoding="utf-8"))


def test_a_good_file_is_read(tmp_path: Path) -> None:
    files = load_prompts(write(tmp_path, "mine", GOOD))
    assert files.prompt("mine").sees == (PromptField.REASON, PromptField.DIALOGUE)
    without_rules = {field: value for field, value in GOOD.items() if field != "rules"}
    assert load_prompts(write(tmp_path, "mine", without_rules)).prompt("mine").rules == ""


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"setting: [plain", "cannot be read as YAML"),
        (b"setting: a: b", "cannot be read as YAML"),
        (b"setting: \xff\xfe", "cannot be read as YAML"),
        (b"- setting\n- voice\n", "expected a mapping"),
        (b"just a text", "expected a mapping"),
        (b"", "expected a mapping"),
    ],
)
@pytest.mark.parametrize("name", ["mine", "settings", "blocks", "attitudes"])
def test_a_file_that_is_no_mapping_is_named(
    name: str, content: bytes, complaint: str, tmp_path: Path
) -> None:
    (tmp_path / f"{name}.yaml").write_bytes(content)
    told = refused(tmp_path)
    assert told.startswith(f"{tmp_path / name}.yaml: ")
    assert complaint in told


@pytest.mark.parametrize("field", ["setting", "voice", "sees", "instruction"])
def test_a_missing_field_is_named(field: str, tmp_path: Path) -> None:
    told = refused(write(tmp_path, "mine", {k: v for k, v in GOOD.items() if k != field}))
    assert told.startswith(f"{tmp_path / 'mine.yaml'}: ")
    assert f"{field}\n  Field required" in told


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("setting", "therapist", "counselor, client, planner"),
        ("setting", 5, "valid string"),
        ("voice", "therapist", "'counselor', 'client' or 'none'"),
        ("sees", ["history"], "intake"),
        ("sees", "dialogue", "valid tuple"),
        ("rules", ["Be brief."], "valid string"),
        (
            "rules",
            "You know ${intake}.",
            "it may use Technique_count, cbt_techniques, comforting_techniques, dialogue",
        ),
        (
            "instruction",
            "Call ${name}.",
            "it may use Technique_count, cbt_techniques, comforting_techniques, dialogue",
        ),
        ("instruction", 7, "valid string"),
        ("instruction", None, "valid string"),
        ("instructions", "Answer.", "not permitted"),
    ],
)
def test_a_bad_field_is_named_with_what_was_expected(
    field: str, value: object, expected: str, tmp_path: Path
) -> None:
    told = refused(write(tmp_path, "mine", GOOD | {field: value}))
    assert told.startswith(f"{tmp_path / 'mine.yaml'}: ")
    assert field in told
    assert expected in told


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    for place in (tmp_path / "none", write(tmp_path, "mine", GOOD) / "mine.yaml"):
        with pytest.raises(PromptError, match="expected a folder") as repeats:
            PromptBook(overrides=place)
        assert str(place) in str(repeats.value)


@pytest.mark.parametrize("name", ["settings", "blocks", "attitudes"])
def test_a_shared_text_that_is_none_is_named(name: str, tmp_path: Path) -> None:
    field = next(iter(packaged(name)))
    told = refused(write(tmp_path, name, packaged(name) | {field: ["no", "text"]}))
    assert name in told
    assert field in told


def test_a_block_for_what_nobody_can_see_is_named(tmp_path: Path) -> None:
    told = refused(write(tmp_path, "blocks", packaged("blocks") | {"diagnosis": "None."}))
    assert "blocks.diagnosis" in told


# What follows is found when a session is played, hours into a run, unless it is found here.


@pytest.mark.parametrize("text", ["It costs $5.", "Ask ${", "Ask ${first name}."])
@pytest.mark.parametrize("field", ["rules", "instruction"])
def test_a_dollar_sign_that_is_no_variable_is_named(field: str, text: str, tmp_path: Path) -> None:
    told = refused(write(tmp_path, "mine", GOOD | {field: text}))
    assert told.startswith(f"{tmp_path / 'mine.yaml'}: ")
    assert field in told


def test_a_doubled_dollar_sign_is_a_dollar_sign(tmp_path: Path) -> None:
    book = PromptBook(overrides=write(tmp_path, "mine", GOOD | {"instruction": "It costs $$5."}))
    assert book.messages("mine", counselors_turn(1))[-1].text.endswith("It costs $5.")


def test_a_block_that_is_missing_is_named(tmp_path: Path) -> None:
    blocks = packaged("blocks")
    del blocks["plan"]
    told = refused(write(tmp_path, "blocks", blocks))
    assert "blocks.yaml" in told
    assert "plan" in told


def test_an_attitude_that_is_missing_is_named(tmp_path: Path) -> None:
    attitudes = packaged("attitudes")
    del attitudes["neutral"]
    told = refused(write(tmp_path, "attitudes", attitudes))
    assert "attitudes.yaml" in told
    assert "neutral" in told


def test_a_block_that_uses_something_else_is_named(tmp_path: Path) -> None:
    blocks = packaged("blocks") | {"reason": "Why: ${intake}"}
    told = refused(write(tmp_path, "blocks", blocks))
    assert "blocks.yaml" in told
    assert "reason" in told


def test_a_setting_that_shows_what_its_prompt_does_not_see_is_named(tmp_path: Path) -> None:
    told = refused(write(tmp_path, "mine", GOOD | {"setting": "client"}))
    assert told.startswith(f"{tmp_path / 'mine.yaml'}: ")
    assert "setting" in told
    assert "name" in told
