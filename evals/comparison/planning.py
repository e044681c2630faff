"""How many clients a comparison needs before it is made."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from pydantic import BaseModel, ConfigDict, Field

from magnet.evals.comparison.families import Family, paired_scores
from magnet.evals.comparison.formats import shown
from magnet.evals.comparison.results import Unit
from magnet.evals.preference.pairing import pair_sessions
from magnet.evals.statistics.paired import client_differences
from magnet.evals.statistics.power import clients_needed
from magnet.state.table import Cell, Column, Table, columns_of
from magnet.store.records import Session

POWER = 0.8
FAMILIES: Mapping[str, int] = {"one measure": 1, "ctrs, six items": 6, "wai, twelve items": 12}
"""How many tests are adjusted together."""
EFFECTS = (0.2, 0.3, 0.5, 0.8)
_NOTE = (
    f"Clients in both arms, for a power of {POWER:.0%} at a level of 5 % over a family of tests, "
    "each planned at its hardest step of Holm's. A client counts once, whatever its attitudes."
)


class PlannedMeasure(BaseModel):
    """What a measure needs, by how its differences spread over a pilot's clients."""

    model_config = ConfigDict(frozen=True)

    family: str
    judge: str | None
    label: str
    unit: Unit
    pilot: int = Field(description="clients that the spread is estimated from")
    spread: float = Field(description="standard deviation of their mean differences")
    needed: dict[float, int] = Field(description="clients, by the difference to be found")


def plan_effects(effects: Sequence[float]) -> dict[float, dict[str, int]]:
    """Return the clients that are needed, by effect and then by family of tests (`FAMILIES`).

    Args:
        effects: to be found, in standard deviations of the clients' mean differences (dz).

    Raises:
        ValueError: if an effect is 0.
    """
    return {
        effect: {
            name: clients_needed(effect, 1.0, power=POWER, tests=tests)
            for name, tests in FAMILIES.items()
        }
        for effect in effects
    }


def plan_measures(
    families: Iterable[Family],
    first: Sequence[Session],
    second: Sequence[Session],
    differences: Sequence[float],
) -> Iterator[PlannedMeasure]:
    """Yield the clients that each measure needs; one that does not vary over clients is left out.

    Args:
        families: the measures, with the pilot's values.
        first: the pilot's sessions of one arm.
        second: those of the other.
        differences: to be found, in the measures' own units.

    Raises:
        ValueError: if a difference is 0.
    """
    pairs = pair_sessions(first, second).pairs
    clients = [pair.client for pair in pairs]
    for family in families:
        scores = paired_scores(family, pairs)
        for measure, (ours, theirs) in scores.items():
            found = client_differences(ours, theirs, clients)
            spread = float(found.std(ddof=1)) if len(found) > 1 else 0.0
            if not spread:
                continue
            label, unit = family.measures[measure]
            yield PlannedMeasure(
                family=family.title,
                judge=family.judge,
                label=label,
                unit=unit,
                pilot=len(found),
                spread=spread,
                needed={
                    size: clients_needed(size, spread, power=POWER, tests=len(scores))
                    for size in differences
                },
            )


def effects_grid(planned: Mapping[float, Mapping[str, int]]) -> Table:
    """Return what effects need, a row for each."""
    return Table(
        title="clients needed",
        columns=columns_of("effect (dz)", *FAMILIES, kind="count"),
        rows=[
            (Cell(effect, f"{effect:g}"), *map(_count, by_family.values()))
            for effect, by_family in planned.items()
        ],
        note=f"{_NOTE} The effect is in standard deviations of the clients' mean differences.",
    )


def measures_grid(planned: Sequence[PlannedMeasure], differences: Sequence[float]) -> Table:
    """Return what measures need, a row for each."""
    return Table(
        title="clients needed",
        columns=[
            *columns_of("family", "measure", text=2),
            Column("pilot", "count"),
            Column("spread", "number"),
            *(Column(f"for {difference:g}", "count") for difference in differences),
        ],
        rows=[
            (
                f"{one.family}, judge {one.judge}" if one.judge else one.family,
                one.label,
                one.pilot,
                Cell(one.spread, shown(one.spread, one.unit)),
                *map(_count, one.needed.values()),
            )
            for one in planned
        ],
        note=f"{_NOTE} A spread from a few clients is uncertain itself.",
    )


def _count(needed: int) -> Cell:
    return Cell(needed, f"{needed:,}")
