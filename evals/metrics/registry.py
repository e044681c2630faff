"""All metrics by name: those that ship, one for each scale, and those of other distributions."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache

from magnet.evals.metrics.calls import CALLS
from magnet.evals.metrics.diversity import DIVERSITY
from magnet.evals.metrics.judged import judged_metric
from magnet.evals.metrics.metric import EvaluationError, Metric
from magnet.evals.metrics.preference import PREFERENCE
from magnet.evals.metrics.quality import QUALITY
from magnet.evals.scales import files as scale_files
from magnet.evals.scales.files import SCALES, scales
from magnet.state.errors import Option
from magnet.state.plugins import entry_points, plugged_in

GROUP = "magnet.metrics"
"""Entry points of metrics: each a `Metric`, or a function that returns one."""


@cache
def metrics() -> Mapping[str, Metric]:
    """Return all metrics by name.

    Raises:
        PluginError: If one of another distribution cannot be used.
        ScaleError: If a scale of the user's cannot be used.
    """
    shipped = {one.name: one for one in _shipped([*scales()])}
    added = plugged_in(GROUP, Metric, shipped=shipped)
    return {**shipped, **{name: replace(one, name=name) for name, one in added.items()}}


def evaluated() -> list[str]:
    """Return the names of the metrics that runs can be evaluated on."""
    return [name for name, metric in metrics().items() if metric.measure]


def compared() -> list[str]:
    """Return the names of the metrics that arms can be compared on, in their order."""
    some = [metric for metric in metrics().values() if metric.compares]
    return [metric.name for metric in sorted(some, key=lambda metric: metric.place)]


def names_for_help(*, comparing: bool = False) -> str:
    """Return the names of what ships and of what is installed besides, without loading that."""
    named = _shipped([*SCALES, *entry_points(scale_files.GROUP)])
    some = [one for one in named if (one.compares if comparing else one.measure)]
    if comparing:
        some.sort(key=lambda metric: metric.place)
    return ", ".join([*(one.name for one in some), *entry_points(GROUP)])


def chosen(names: Sequence[str], known: Sequence[str]) -> list[Metric]:
    """Return metrics by name.

    Args:
        names: Which.
        known: Those that can be meant.

    Raises:
        EvaluationError: If one is not among these, or there is none.
    """
    unknown = [name for name in names if name not in known]
    if unknown or not names:
        raise EvaluationError(
            f"{{metrics}} {','.join(unknown)}: expected some of {', '.join(known)}",
            metrics=Option("metrics"),
        )
    return [metrics()[name] for name in names]


def _shipped(scale_names: Sequence[str]) -> Iterator[Metric]:
    yield QUALITY
    yield DIVERSITY
    yield from map(judged_metric, scale_names)
    yield PREFERENCE
    yield CALLS
