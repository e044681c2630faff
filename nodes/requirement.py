"""What is asked of one utterance beyond what holds for all of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from magnet.state import Making


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """A demand on a text: checked, repaired where that can be, asked for again."""

    name: str
    fails: Callable[[str], bool]
    hint: str | None
    """What to tell the model when it is asked again; none only repairs."""
    repair: Callable[[str], str] | None = None
    """Tried on each answer that fails."""
    last_resort: Callable[[str], str] | None = None
    """Done to the answer that is kept, where no answer has met the demand."""


def repaired(text: str, demands: Sequence[Demand]) -> tuple[str, tuple[str, ...]]:
    """Repair a text, and name the demands that changed it."""
    repairs: list[str] = []
    for demand in demands:
        if demand.repair and demand.fails(text) and (after := demand.repair(text)) != text:
            text = after
            repairs.append(demand.name)
    return text, tuple(repairs)


def insist(text: str, making: Making, demands: Sequence[Demand]) -> tuple[str, Making]:
    """Give a kept text what it was asked for again and again, and say so in its account."""
    for demand in demands:
        if demand.last_resort and demand.fails(text):
            text = demand.last_resort(text)
            repairs = (*making.repairs, demand.name)
            making = making.model_copy(update={"repairs": repairs})
    # What was added for one demand may meet another, or fail it.
    names = {demand.name for demand in demands}
    kept = tuple(flag for flag in making.flags if flag not in names)
    unmet = tuple(demand.name for demand in demands if demand.fails(text))
    return text, making.model_copy(update={"flags": (*kept, *unmet)})
