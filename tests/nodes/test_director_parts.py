"""The table of the director's parts, and the file with what they say."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from magnet.nodes.director.parts import check_texts, names_told, parts
from magnet.prompts import PromptBook, PromptError
from magnet.prompts.texts import PACKAGED
from magnet.state import Direction, DirectorParts

TEXTS = yaml.safe_load((PACKAGED / "director.yaml").read_text(encoding="utf-8"))


def written(folder: Path, texts: dict[str, Any]) -> PromptBook:
    (folder / "director.yaml").write_text(yaml.safe_dump(texts), encoding="utf-8")
    return PromptBook(overrides=folder)


def test_each_switch_has_its_part() -> None:
    assert parts().keys() == DirectorParts.model_fields.keys()


def test_a_part_is_decided_after_those_that_it_builds_on() -> None:
    order = list(parts())
    for name, part in parts().items():
        assert all(order.index(before) < order.index(name) for before in part.after)


def test_every_part_says_something_of_its_own() -> None:
    told = [name for part in parts().values() for name in part.words]
    assert len(told) == len(set(told))
    assert not Direction.model_fields.keys() & {"parts"}
    assert all(part.words for part in parts().values())


def test_the_packaged_texts_are_what_the_parts_say() -> None:
    check_texts(PromptBook())
    assert PromptBook().director.blocks.keys() == names_told()


@pytest.mark.parametrize("entry", sorted({*TEXTS} - {"settings", "blocks"}))
def test_a_missing_text_is_named(entry: str, tmp_path: Path) -> None:
    book = written(tmp_path, {name: text for name, text in TEXTS.items() if name != entry})
    with pytest.raises(PromptError) as repeats:
        check_texts(book)
    assert str(repeats.value).startswith(f"{tmp_path / 'director.yaml'}: ")
    assert entry in str(repeats.value)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"gestures": "You nod."}, "gestures: no part of the director says it"),
        ({"phases": {**TEXTS["phases"], "interlude": "Breathe."}}, "phases.interlude"),
        ({"leaving": {"fed-up": "Enough."}}, "expected an entry relieved"),
        ({"lengths": [{"words": 8, "text": "in a few words"}]}, "rising numbers of words"),
        ({"blocks": {**TEXTS["blocks"], "gestures": "Nod."}}, "expected no entry gestures"),
        ({"blocks": {"phase": "${phase}"}}, "client-plus.yaml: sees: 'may_end' is in"),
    ],
)
def test_a_text_that_does_not_fit_is_named(
    change: dict[str, Any], expected: str, tmp_path: Path
) -> None:
    with pytest.raises(PromptError) as repeats:
        check_texts(written(tmp_path, TEXTS | change))
    assert str(tmp_path / "director.yaml") in str(repeats.value)
    assert expected in str(repeats.value)
