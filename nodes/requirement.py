"""What is asked of one utterance beyond what holds for all of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from magnet.state import Provenance


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """A demand on a text: checked, repaired where that can be, asked for again."""

    name: str
    fails: Callable[[str], bool]
    hint: str | None
    """What to tell the model when it is asked again; none only repairs."""
    repair: Callable[[str], str] | None = None
    """Tried on each answer that fails."""
    last_resort: Callable[[str], str] | None = None
    """Done to the answer that is kept, where no answer has met the demand."""


def repaired(text: str, requirements: Sequence[Requirement]) -> tuple[str, tuple[str, ...]]:
    """Repair a text, and name the demands that changed it."""
    repairs: list[str] = []
    for requirement in requirements:
        if (
            requirement.repair
            and requirement.fails(text)
            and (after := requirement.repair(text)) != text
        ):
            text = after
            repairs.append(requirement.name)
    return text, tuple(repairs)


def insist(
    text: str, provenance: Provenance, requirements: Sequence[Requirement]
) -> tuple[str, Provenance]:
    """Return a kept text what it was asked for again and again, and say so in its account."""
    for requirement in requirements:
        if requirement.last_resort and requirement.fails(text):
            text = requirement.last_resort(text)
            repairs = (*provenance.repairs, requirement.name)
            provenance = provenance.model_copy(update={"repairs": repairs})
    # What was added for one demand may meet another, or fail it.
    names = {requirement.name for requirement in requirements}
    kept = tuple(flag for flag in provenance.flags if flag not in names)
    unmet = tuple(requirement.name for requirement in requirements if requirement.fails(text))
    return text, provenance.model_copy(update={"flags": (*kept, *unmet)})
