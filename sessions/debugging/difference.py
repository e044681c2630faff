"""Where two sessions part, and what each says from there."""

from collections.abc import Iterator
from dataclasses import dataclass

from magnet.state.values import name_of
from magnet.store import Session


@dataclass(frozen=True, slots=True)
class Difference:
    """One place at which two sessions differ; a side that has nothing there is none."""

    name: str
    """As `magnet.state.values` names it."""
    left: str | None
    right: str | None


def compare_sessions(left: Session, right: Session) -> list[Difference]:
    """Return all places at which two sessions differ, in the order in which they were made.

    What was said, drafted and chosen is compared; times, tokens and seeds are not.
    """
    first, second = dict(_values(left)), dict(_values(right))
    return [
        Difference(name, first.get((place, name)), second.get((place, name)))
        for place, name in sorted(first.keys() | second.keys())
        if first.get((place, name)) != second.get((place, name))
    ]


def _values(session: Session) -> Iterator[tuple[tuple[tuple[int, int], str], str]]:
    """Yield each value with its name and, to sort by, the exchange and stage that made it."""
    yield ((0, 0), "client"), session.client.model_dump_json(indent=1)
    yield ((0, 1), "settings"), session.settings.model_dump_json(indent=1)
    if session.plan:
        yield ((0, 2), "plan"), session.plan.plan.text
    for record in session.exchanges:
        if record.affect:
            yield (
                ((record.index, -2), name_of(record.affect)),
                record.affect.model_dump_json(indent=1, exclude={"provenance"}),
            )
        if record.direction:
            yield (
                ((record.index, -1), name_of(record.direction)),
                record.direction.model_dump_json(indent=1, exclude={"risk": {"provenance"}}),
            )
        for draft in record.candidates:
            yield ((record.index, 0), name_of(draft)), draft.text
        if record.selection:
            chosen = ", ".join(record.selection.techniques)
            yield ((record.index, 1), name_of(record.selection)), chosen
        for stage, said in enumerate((record.counselor, record.client), 2):
            if said:
                text = f"{said.speaker.value.capitalize()}: {said.text}"
                yield ((record.index, stage), name_of(said)), text
    if session.end_reason:
        yield ((len(session.exchanges) + 1, 0), "end"), session.end_reason.value
