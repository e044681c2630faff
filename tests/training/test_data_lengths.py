"""Tokens by a real tokenizer: what the card counts is what the trainer puts loss on."""

from pathlib import Path

import pytest

pytest.importorskip("transformers")
pytest.importorskip("peft")

from magnet.prompts import PromptBook
from magnet.training.bases import BaseModelError
from magnet.training.data import (
    DataSettings,
    TrainingDataError,
    choose_sessions,
    load_tokenizer,
    write_training_data,
)
from magnet.training.data.settings import Shape
from magnet.training.qlora.conversations import read_conversations
from magnet.training.qlora.labels import IGNORED, label
from tests.training.tiny_models import END_OF_TURN, make_tokenizer
from tests.training.told import GREETING, a_session, clients

pytestmark = pytest.mark.slow  # it imports torch


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("tokenizers") / "tiny"
    make_tokenizer().save_pretrained(path)
    return path


@pytest.mark.parametrize("shape", ["session", "utterance"])
def test_only_the_chosen_utterances_and_their_end_tokens_carry_loss(
    shape: Shape, folder: Path, tmp_path: Path
) -> None:
    tokenizer = load_tokenizer(str(folder))
    silent = a_session(5, counselor={4: "..."}, id="silent")
    choice = choose_sessions([*clients(4), silent], DataSettings(shape=shape))
    manifest = write_training_data(choice, tmp_path, PromptBook(), tokenizer=tokenizer)
    for split, counts in manifest.counts.items():
        labelled = [
            label(conversation, tokenizer)
            for conversation in read_conversations(tmp_path / f"{split}.jsonl")
        ]
        learned = [[t for t in one.labels if t != IGNORED] for one in labelled]
        wanted = [
            one.session.utterances[index].text
            for one in choice.chosen
            if one.split == split
            for index in one.trained
        ]
        told = make_tokenizer().decode([token for tokens in learned for token in tokens])
        assert told == "".join(f"{text}{END_OF_TURN}" for text in wanted)
        assert GREETING not in told
        assert counts.tokens is not None
        assert counts.tokens.trained == sum(map(len, learned))
        assert counts.tokens.total == sum(len(one.input_ids) for one in labelled)
    assert manifest.tokenizer == "tiny"


def test_a_tokenizer_that_does_not_do_is_named(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(BaseModelError, match="nowhere"):
        load_tokenizer(str(tmp_path / "nowhere"))
    bare = make_tokenizer()
    bare.chat_template = None
    bare.save_pretrained(tmp_path / "bare")
    with pytest.raises(TrainingDataError, match=r"bare: has no chat template"):
        load_tokenizer(str(tmp_path / "bare"))
