"""From the scores of one session by one judge to its measures.

Nothing here turns a missing score into a number: what a sample computes from one is missing too,
and a measure is the mean of the samples that have it.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import groupby
from statistics import fmean

from magnet.evals.scales.files import scales
from magnet.evals.scales.judge_input import JudgeInput
from magnet.evals.scales.model import Questionnaire, Scale, Shape
from magnet.store.scores import ItemScore

_WORST, _PLACES = "worst", "places"

Values = dict[str, float | None]
"""Measures by name; none where a score that is needed is missing."""


def measures_of(
    scale_name: str, judge_input: JudgeInput, scores: Mapping[str, Sequence[ItemScore]]
) -> Values:
    """Return the measures of a session on a scale: the mean over the judge's samples.

    An item is as the judge gave it, a reversed one too; in subscales and totals, which are means
    over their items, a reversed item counts lowest point + highest point - score (WAI: 8 - score).
    Of a scale with a change each measure is after minus before; the two themselves are there under
    `before-NAME` and `after-NAME`.

    Args:
        scale_name: of a packaged scale.
        material: the session.
        scores: by sheet, of one judge and one wording; sheets without scores may be left out.
    """
    scale = scales()[scale_name]
    asked = [
        (Questionnaire(name, scale, text), scores[name])
        for name, text in scale.sheets.items()
        if scores.get(name)
    ]
    if scale.change is None:
        merged: Values = {}
        for sheet, given in asked:
            merged |= _sheet_values(sheet, judge_input, given)
        return {**merged, **_subscales(scale, merged)}
    by_sheet = {
        sheet.name: questionnaire_measures(sheet, judge_input, given) for sheet, given in asked
    }
    before, after = (by_sheet.get(name, {}) for name in scale.change)
    return {
        **{f"before-{name}": value for name, value in before.items()},
        **{f"after-{name}": value for name, value in after.items()},
        **{name: _minus(value, before[name]) for name, value in after.items() if name in before},
    }


def questionnaire_measures(
    sheet: Questionnaire, judge_input: JudgeInput, scores: Sequence[ItemScore]
) -> Values:
    """Return the measures of one sheet alone: its items, and the subscales that it asks all of."""
    values = _sheet_values(sheet, judge_input, scores)
    return {**values, **_subscales(sheet.scale, values)}


def counts_faults(scale_name: str, measure: str) -> bool:
    """Return whether a measure counts or grades what is wrong: the more, the worse."""
    scale = scales()[scale_name]
    return any(
        measure in (_WORST, _PLACES, *Questionnaire(name, scale, text).items)
        for name, text in scale.sheets.items()
        if text.shape == "findings"
    )


def _minus(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else one - other


def _subscales(scale: Scale, values: Mapping[str, float | None]) -> Values:
    """Return the subscales whose items were all asked."""
    return {
        name: _mean(_turned(scale, item, values[item]) for item in items)
        for name, items in scale.subscales.items()
        if values.keys() >= set(items)
    }


def _turned(scale: Scale, item: str, value: float | None) -> float | None:
    if value is None or not scale.items[item].reversed:
        return value
    return scale.low + scale.high - value


def _mean(values: Iterable[float | None]) -> float | None:
    """Return the mean; none if any value is missing."""
    known: list[float] = []
    for value in values:
        if value is None:
            return None
        known.append(value)
    return fmean(known) if known else None


def mean_of_present(values: Iterable[float | None]) -> float | None:
    """Return the mean of the values that are there; none if none is."""
    present = [value for value in values if value is not None]
    return fmean(present) if present else None


def _items(judge_input: JudgeInput, scores: Sequence[ItemScore]) -> Values:
    del judge_input
    return {score.item: score.value for score in scores}


def _steps(judge_input: JudgeInput, scores: Sequence[ItemScore]) -> Values:
    """Return the share of exchanges that pursue a step, and of steps pursued, 0 to 1 each.

    Exchanges without a usable answer count in neither.
    """
    named = [score.value for score in scores if score.value is not None]
    return {
        "pursued": mean_of_present(float(step > 0) for step in named),
        "covered": len({*named} - {0}) / len(judge_input.plan) if named else None,
    }


def _findings(judge_input: JudgeInput, scores: Sequence[ItemScore]) -> Values:
    """Return the number of places by kind, the worst severity (0 for none), and the total."""
    del judge_input
    if any(score.value is None for score in scores):
        return {**{score.item: score.value for score in scores}, _WORST: None, _PLACES: None}
    severities = [proof.severity or 0 for score in scores for proof in score.evidence]
    return {
        **{score.item: score.value for score in scores},
        _WORST: float(max(severities, default=0)),
        _PLACES: float(len(severities)),
    }


_OF_SAMPLE: Mapping[Shape, Callable[[JudgeInput, Sequence[ItemScore]], Values]] = {
    "item": _items,
    "items": _items,
    "step": _steps,
    "findings": _findings,
}


def sample_values(
    sheet: Questionnaire, judge_input: JudgeInput, scores: Sequence[ItemScore]
) -> Values:
    """Return what one sample of a judge's answers to a sheet comes to."""
    return _OF_SAMPLE[sheet.text.shape](judge_input, scores)


def _sheet_values(
    sheet: Questionnaire, judge_input: JudgeInput, scores: Sequence[ItemScore]
) -> Values:
    by_sample = sorted(scores, key=lambda score: score.sample)
    samples = [
        sample_values(sheet, judge_input, list(group))
        for _, group in groupby(by_sample, key=lambda score: score.sample)
    ]
    names = dict.fromkeys(name for values in samples for name in values)
    return {name: mean_of_present(values.get(name) for values in samples) for name in names}
