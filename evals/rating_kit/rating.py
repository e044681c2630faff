"""Rating by people: a kit out, their answers in."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from magnet.evals.comparison.arms import find_arms
from magnet.evals.preference.aspects import Aspect
from magnet.evals.rating_kit.answers import (
    Answers,
    AnswersError,
    Completeness,
    completeness,
    read_answers,
)
from magnet.evals.rating_kit.key import KitError, KitKey, read_key
from magnet.evals.rating_kit.kit import build_kit
from magnet.evals.rating_kit.unblinding import preferences_of, scores_of
from magnet.evals.scales.model import Questionnaire
from magnet.sessions.workspace import Workspace
from magnet.state.errors import Option
from magnet.state.intake_error import Problem
from magnet.store import UnknownIdError


@dataclass(frozen=True, slots=True)
class WrittenKit:
    """A kit on the disk."""

    page: Path
    """For the raters."""
    key: Path
    """For the researcher alone."""
    pairs: int
    alone: int
    """Sessions that had no counterpart in the other arm."""


async def export_kit(
    workspace: Workspace,
    a: str,
    b: str,
    out: Path,
    *,
    pairs: int,
    aspects: Sequence[Aspect],
    sheets: Sequence[Questionnaire],
    seed: int,
) -> WrittenKit:
    """Write a rating kit of two arms, each a `RUN` or a `RUN:METHOD`.

    Args:
        workspace: where the sessions are.
        a: one arm.
        b: the other.
        out: the folder for the page and its key.
        pairs: how many to ask about, at most.
        aspects: what the sessions of a pair are compared on.
        sheets: what each session is rated on.
        seed: draws the pairs and their sides.

    Raises:
        UnknownIdError, ArmError: if the arms cannot be found or compared.
        KitError: if there is nothing to ask, or the files cannot be written.
    """
    pairing = (await find_arms(workspace, a, b)).pairing
    kit = build_kit(
        pairing.pairs, count=pairs, aspects=aspects, sheets=sheets, arms=(a, b), seed=seed
    )
    page = out / f"rating-kit-{kit.key.kit}.html"
    key = out / f"rating-kit-{kit.key.kit}.key.json"
    _write(key, kit.key.model_dump_json(indent=1) + "\n")
    _write(page, kit.page)
    return WrittenKit(page, key, len(kit.key.pairs), len(pairing.alone))


async def import_answers(
    workspace: Workspace, files: Sequence[Path], key_file: Path
) -> list[Completeness]:
    """Store the answers of raters, all files or none; a rater's newer answers replace the older.

    Raises:
        KitError: if the key cannot be used.
        AnswersError: with every problem of the files.
        UnknownIdError: if the database does not hold the sessions that were rated.
        StoreError: if it cannot be written.
    """
    key = read_key(key_file)
    answered = _read_all(files, key)
    await _check_stored(workspace, key, key_file)
    await workspace.store.ratings.record(
        [preference for answers in answered for preference in preferences_of(answers, key)],
        [score for answers in answered for score in scores_of(answers, key)],
    )
    return [completeness(answers, key) for answers in answered]


def _read_all(files: Sequence[Path], key: KitKey) -> list[Answers]:
    read: dict[str, tuple[Path, Answers]] = {}
    problems: list[Problem] = []
    for file in files:
        try:
            answers = read_answers(file, key)
        except AnswersError as error:
            problems += error.problems
            continue
        if answers.rater in read:
            found = f"{answers.rater!r}, as in {read[answers.rater][0]}"
            problems.append(Problem(file, "rater", found, "one file of each rater, the newest"))
        read[answers.rater] = file, answers
    if problems:
        raise AnswersError(problems)
    return [answers for _, answers in read.values()]


async def _check_stored(workspace: Workspace, key: KitKey, key_file: Path) -> None:
    stored = {summary.id for summary in await workspace.store.sessions.list()}
    for number, pair in enumerate(key.pairs, 1):
        for session in (pair.left, pair.right):
            if session not in stored:
                raise UnknownIdError(
                    f"{key_file}: pairs > {number}: database {workspace.place} has no session "
                    f"{session}. Name the database that the kit was made from with {{db}}.",
                    db=Option("db"),
                )


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() and path.read_text(encoding="utf-8") != text:
            # The same page of other sessions, word for word alike: its key would be lost.
            raise KitError(
                f"{path}: another kit lies there already. Name another folder with {{out}}",
                out=Option("out"),
            )
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise KitError(
            f"{path}: cannot be written ({error.strerror}). Name another folder with {{out}}",
            out=Option("out"),
        ) from error
