"""Where feelings turn for the worse, as Markdown to read."""

from collections.abc import Iterable, Iterator, Sequence

from magnet.evals.affect.deterioration import Deterioration, Group, Passage, TechniqueUse

_FEELINGS_SHOWN = 5


def deterioration_markdown(found: Deterioration) -> str:
    """Return the tables and the passages as a page."""
    return "\n".join(_page(found)) + "\n"


def _page(found: Deterioration) -> Iterator[str]:
    yield "# Where feelings turn for the worse"
    yield ""
    yield (
        f"Judge: {_plain(found.judge)}. {found.sessions} sessions, {found.missing} left out for a "
        "missing score. PANAS before the session (form), after its first and second third, and "
        "at its end. Balance: points of positive less negative affect, 1 to 5 each, gained; below "
        "zero is worse. Intervals: 95 %, clients resampled."
    )
    yield from _groups("By run or method", "sessions", found.columns)
    yield from _groups("By attitude", "sessions", found.attitudes)
    yield from _groups("By part of the session", "parts", found.parts)
    yield from _groups("By client, the worst first", "sessions", found.clients)
    yield from _techniques(found.techniques)
    yield from _passages(found.passages)


def _groups(title: str, counted: str, groups: Sequence[Group]) -> Iterator[str]:
    rows = (
        (
            _plain(group.name),
            str(group.count),
            str(group.worse),
            f"{group.balance:+.2f}{_interval(group)}",
        )
        for group in groups
    )
    yield from _table(title, ("", counted, "worse", "balance"), rows)


def _interval(group: Group) -> str:
    if group.low is None or group.high is None:
        return ""
    return f" ({group.low:+.2f} to {group.high:+.2f})"


def _techniques(uses: Sequence[TechniqueUse]) -> Iterator[str]:
    if not uses:
        return
    rows = (
        (use.technique, f"{use.in_worse:.0%}", f"{use.elsewhere:.0%}", str(use.exchanges))
        for use in uses
    )
    heads = ("", "of the exchanges where feelings turn worse", "elsewhere", "exchanges")
    yield from _table("By technique chosen", heads, rows)
    yield ""
    yield (
        "Several may be chosen in an exchange. A technique that is chosen where feelings turn "
        "worse need not be why: the selector answers to what the client says."
    )


def _passages(passages: Sequence[Passage]) -> Iterator[str]:
    yield ""
    yield "## To read"
    if not passages:
        yield ""
        yield "Feelings turn for the worse in no part of any session."
    for one in passages:
        yield ""
        yield (
            f"### {_plain(one.client)}, {one.attitude}, {_plain(one.column)}: part {one.part}, "
            f"{one.balance:+.2f}"
        )
        yield ""
        moved = list(one.feelings.items())[:_FEELINGS_SHOWN]
        told = ", ".join(f"{feeling} {points:+.1f}" for feeling, points in moved)
        yield f"Session `{one.session}`. {told}. Judge: {_plain(one.reason) or 'no reason'}"
        for line in one.lines:
            chosen = ", ".join(line.techniques)
            yield ""
            yield f"{line.exchange}. **Counselor**{f' ({chosen})' if chosen else ''}: " + _plain(
                line.counselor
            )
            yield ""
            yield f"   **Client**: {_plain(line.client)}"


def _table(title: str, heads: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield ""
    yield f"## {title}"
    yield ""
    yield f"| {' | '.join(heads)} |"
    yield f"| --- |{' ---: |' * (len(heads) - 1)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"


def _plain(text: str) -> str:
    """Return text on one line that Markdown takes as it is."""
    line = " ".join(text.split())
    for mark in ("\\", "*", "_", "`", "|", "<", "#", "["):
        line = line.replace(mark, f"\\{mark}")
    return line
