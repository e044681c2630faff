"""Probes of a judge's bias: dialogues that are longer without being better, points turned round."""

from collections.abc import Mapping, Sequence
from functools import cache
from itertools import cycle
from pathlib import Path
from statistics import fmean

import yaml
from pydantic import TypeAdapter

from magnet.evals.scales.judge_input import DialogueLine, JudgeInput
from magnet.state.utterance import Speaker

PADDED = ":padded"
"""What the subject of a padded dialogue ends with."""


@cache
def _padding() -> Sequence[str]:
    path = Path(__file__).with_name("padding.yaml")
    return TypeAdapter(tuple[str, ...]).validate_python(
        yaml.safe_load(path.read_text(encoding="utf-8"))
    )


def padded(judge_input: JudgeInput) -> JudgeInput:
    """Return a dialogue whose counselor says more and nothing more: an empty sentence each time."""
    sentences = cycle(_padding())
    lines = tuple(
        DialogueLine(speaker=line.speaker, text=f"{line.text} {next(sentences)}")
        if line.speaker is Speaker.COUNSELOR
        else line
        for line in judge_input.lines
    )
    return judge_input.model_copy(update={"subject": judge_input.subject + PADDED, "lines": lines})


def shift(plain: Mapping[str, float | None], probed: Mapping[str, float | None]) -> float | None:
    """Return by how many points scores move under a probe: probed minus plain, mean over both's
    keys.

    A judge without the bias moves by nothing. None if no score is there twice.
    """
    moved = [
        new - old
        for key, old in plain.items()
        if old is not None and (new := probed.get(key)) is not None
    ]
    return fmean(moved) if moved else None
