"""The answers to a rating kit: reading the files that raters send back, and checking them."""

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
)

from magnet.evals.rating_kit.key import KeyScale, KitKey
from magnet.state.intake_error import Problem, ProblemsError, describe

Side = Literal["left", "right"]


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    pair: str
    comment: str = ""
    at: AwareDatetime

    @property
    @abstractmethod
    def asked(self) -> tuple[str, ...]:
        """The question that it answers."""


class RatedPreference(_Answer):
    """Which session of a pair is better in one respect."""

    aspect: str
    verdict: Literal["left", "tie", "right"]

    @property
    def asked(self) -> tuple[str, ...]:
        """The question that it answers."""
        return self.pair, self.aspect


class ItemAnswer(_Answer):
    """The score of one session on one item of a scale."""

    side: Side
    scale: str
    item: str
    score: Annotated[int, Field(strict=True)]

    @property
    def asked(self) -> tuple[str, ...]:
        """The question that it answers."""
        return self.pair, self.side, self.scale, self.item


class Answers(BaseModel):
    """One rater's file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal["rating-answers-1"]
    kit: str
    rater: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
    saved: AwareDatetime
    preferences: tuple[RatedPreference, ...]
    ratings: tuple[ItemAnswer, ...]


class AnswersError(ProblemsError):
    """Files of answers that cannot be used: every problem, with its file, field and remedy."""


@dataclass(frozen=True, slots=True)
class Completeness:
    """How much of a kit one rater has answered."""

    rater: str
    answered: int
    asked: int


def read_answers(path: Path, key: KitKey) -> Answers:
    """Read one file of answers, all of it or nothing.

    Raises:
        AnswersError: it cannot be read, is damaged, or answers what the kit does not ask.
    """
    try:
        answers = Answers.model_validate_json(path.read_bytes())
    except OSError as error:
        found = f"a file that cannot be read ({error.strerror})"
        raise AnswersError([Problem(path, "", found, _FILE)]) from error
    except ValidationError as error:
        raise AnswersError(list(_misread(path, error))) from error
    problems = list(_misfits(path, answers, key))
    if problems:
        raise AnswersError(problems)
    return answers


def completeness(answers: Answers, key: KitKey) -> Completeness:
    """Count what a rater has answered of what the kit asks."""
    items = sum(len(scale.items) for scale in key.scales)
    asked = len(key.pairs) * (len(key.aspects) + 2 * items)
    return Completeness(answers.rater, len(answers.preferences) + len(answers.ratings), asked)


_FILE = "a file that the rating page has downloaded"


def _misread(path: Path, error: ValidationError) -> Iterator[Problem]:
    for detail in error.errors(include_url=False, include_context=False):
        place = " > ".join(
            str(part + 1) if isinstance(part, int) else part for part in detail["loc"]
        )
        if not place:
            yield Problem(path, "", detail["msg"], _FILE)
        elif detail["type"] == "extra_forbidden":
            yield Problem(path, place, "an unknown field", _FILE)
        else:
            found = "nothing" if detail["type"] == "missing" else describe(detail["input"])
            yield Problem(path, place, found, detail["msg"])


def _misfits(path: Path, answers: Answers, key: KitKey) -> Iterator[Problem]:
    if answers.kit != key.kit:
        expected = f"{key.kit!r}, the key's; name the key of the page that was answered"
        yield Problem(path, "kit", describe(answers.kit), expected)
        return
    yield from _repeated(path, "preferences", answers.preferences)
    yield from _repeated(path, "ratings", answers.ratings)
    pairs = [pair.id for pair in key.pairs]
    scales = {scale.id: scale for scale in key.scales}
    for number, answer in enumerate(answers.preferences, 1):
        place = f"preferences > {number}"
        yield from _unknown(path, f"{place} > pair", answer.pair, pairs)
        yield from _unknown(path, f"{place} > aspect", answer.aspect, key.aspects)
    for number, answer in enumerate(answers.ratings, 1):
        place = f"ratings > {number}"
        yield from _unknown(path, f"{place} > pair", answer.pair, pairs)
        yield from _unknown(path, f"{place} > scale", answer.scale, list(scales))
        if answer.scale in scales:
            yield from _off_scale(path, place, answer, scales[answer.scale])


def _repeated(path: Path, name: str, given: Sequence[_Answer]) -> Iterator[Problem]:
    seen: set[tuple[str, ...]] = set()
    for number, answer in enumerate(given, 1):
        if answer.asked in seen:
            found = "a second answer to one question"
            yield Problem(path, f"{name} > {number}", found, "one answer to each question")
        seen.add(answer.asked)


def _off_scale(path: Path, place: str, answer: ItemAnswer, scale: KeyScale) -> Iterator[Problem]:
    yield from _unknown(path, f"{place} > item", answer.item, scale.items)
    if not scale.lowest <= answer.score <= scale.highest:
        expected = f"a whole number from {scale.lowest} to {scale.highest}"
        yield Problem(path, f"{place} > score", str(answer.score), expected)


def _unknown(path: Path, place: str, name: str, known: Sequence[str]) -> Iterator[Problem]:
    if name not in known:
        expected = f"one that the kit asks about: {', '.join(known)}"
        yield Problem(path, place, describe(name), expected)
