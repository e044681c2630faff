"""Reading an experiment file: everything that is wrong with it at once."""

import tomllib
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any, cast

from pydantic import ValidationError

from magnet.experiments.errors import ExperimentError
from magnet.experiments.model import (
    EvaluationPlan,
    Experiment,
    PreferencePlan,
    RunPlan,
)
from magnet.state.intake_error import Problem, problems_of


def load_experiment(path: Path, methods: Collection[str]) -> Experiment:
    """Read an experiment file.

    Args:
        path: a TOML file.
        methods: the methods that there are.

    Raises:
        ExperimentError: with every problem of the file.
    """
    data = _read(path)
    try:
        experiment = Experiment.model_validate(data, context=list(methods))
    except ValidationError as error:
        known = list(_places(data))
        raise ExperimentError(problems_of(error, path, known=known, entry="entry")) from error
    if problems := list(_cross_check(experiment, path)):
        raise ExperimentError(problems)
    return experiment


def _read(path: Path) -> Mapping[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        found = error.strerror or str(error)
        problem = Problem(path, "", found, "an experiment file: check the path")
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        problem = Problem(path, "", str(error), "a TOML file in UTF-8")
    raise ExperimentError([problem])


def _places(data: Mapping[str, Any]) -> Iterator[str]:
    """Yield the places that a file with these tables may fill."""
    yield from Experiment.model_fields
    runs = data.get("runs")
    count = len(cast("list[object]", runs)) if isinstance(runs, list) else 0
    tables: Mapping[str, Collection[str]] = {
        "evaluate": EvaluationPlan.model_fields,
        "preference": PreferencePlan.model_fields,
        **{f"runs > entry {n}": RunPlan.model_fields for n in range(1, count + 1)},
    }
    for table, fields in tables.items():
        yield from (f"{table} > {field}" for field in fields)


def _cross_check(experiment: Experiment, path: Path) -> Iterator[Problem]:
    """Find what does not fit together."""
    names = [run.name for run in experiment.runs]
    for name in dict.fromkeys(name for name in names if names.count(name) > 1):
        yield Problem(path, "runs", f"{name} twice", "a name of its own for each run")
    for number, run in enumerate(experiment.runs, 1):
        if len({*run.methods}) < len(run.methods):
            yield Problem(path, f"runs > entry {number} > methods", "one twice", "each once")
        if "judge" in {*run.models, *run.sampling}:
            expected = "one for all runs: models and sampling of the whole file"
            yield Problem(path, f"runs > entry {number}", "a judge of its own", expected)
    if experiment.attitudes == ():
        yield Problem(path, "attitudes", "an empty list", "one or more, or no such line")
    arms = {arm for run in experiment.runs for arm in run.arms}
    for place, arm in _named_arms(experiment):
        if arm not in arms:
            expected = f"one of {', '.join(sorted(arms))}"
            yield Problem(path, place, repr(arm), expected)
    pairs = experiment.preference.pairs if experiment.preference else ()
    for number, (first, second) in enumerate(pairs, 1):
        if first == second:
            place = f"preference > pairs > entry {number}"
            yield Problem(path, place, f"{first!r} twice", "two different arms")
    if experiment.preference and len(arms) < 2:
        yield Problem(path, "preference", "one arm", "two or more: another run or method")
    if experiment.analyses and experiment.evaluate is None:
        yield Problem(path, "analyses", "no table [evaluate]", "one: it says how judges are asked")


def _named_arms(experiment: Experiment) -> Iterator[tuple[str, str]]:
    if experiment.reference:
        yield "reference", experiment.reference
    pairs = experiment.preference.pairs if experiment.preference else ()
    for number, pair in enumerate(pairs, 1):
        yield from ((f"preference > pairs > entry {number}", arm) for arm in pair)
