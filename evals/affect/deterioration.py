"""Where feelings turn for the worse: by client, attitude, part of the session and technique."""

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from math import isnan
from statistics import fmean

from pydantic import BaseModel, ConfigDict, Field

from magnet.evals.affect.course import Change, Course
from magnet.evals.scales.judge_input import form_subject
from magnet.evals.statistics.bootstrap import cluster_bootstrap
from magnet.state.attitude import Attitude
from magnet.state.technique import TechniqueName, packaged_techniques
from magnet.state.utterance import Speaker

PASSAGES = 12
"""How many passages are given to read, the worst first."""


class _Found(BaseModel):
    model_config = ConfigDict(frozen=True)


class Group(_Found):
    """Sessions, or parts of sessions, taken together."""

    name: str
    count: int
    worse: int = Field(description="in which feelings are worse at the end than at the beginning")
    balance: float = Field(description="mean points of positive less negative affect, gained")
    low: float | None = Field(description="of its 95 % interval, clients resampled")
    high: float | None


class TechniqueUse(_Found):
    """How often a technique was chosen where feelings turn for the worse, and elsewhere."""

    technique: TechniqueName
    in_worse: float = Field(description="share of the exchanges of parts that turn for the worse")
    elsewhere: float = Field(description="share of the exchanges of the other parts")
    exchanges: int = Field(description="in which it was chosen")


class Line(_Found):
    """One exchange of a passage."""

    exchange: int
    techniques: tuple[TechniqueName, ...]
    counselor: str
    client: str


class Passage(_Found):
    """A part of a session in which feelings turn for the worse, to be read."""

    column: str
    session: str
    client: str
    attitude: Attitude
    part: int
    balance: float
    feelings: dict[str, float] = Field(description="points, the most changed first")
    reason: str = Field(description="the judge's")
    lines: tuple[Line, ...]


class Deterioration(_Found):
    """What one judge's scores say about where feelings turn for the worse."""

    judge: str
    sessions: int
    missing: int = Field(description="sessions left out for a missing score")
    columns: tuple[Group, ...]
    attitudes: tuple[Group, ...]
    parts: tuple[Group, ...]
    clients: tuple[Group, ...] = Field(description="the worst first")
    techniques: tuple[TechniqueUse, ...] = Field(
        description="of sessions whose method chooses techniques"
    )
    passages: tuple[Passage, ...]


def find_deterioration(judge: str, courses: Sequence[Course], *, missing: int = 0) -> Deterioration:
    """Find where feelings turn for the worse.

    Args:
        judge: whose scores the courses are from.
        courses: one a session.
        missing: sessions that have no course, for want of a score.
    """
    changes = [(course, change) for course in courses for change in course.changes]
    clients = _groups(
        courses, lambda course: (form_subject(course.session.client.form), _client(course))
    )
    worst = sorted((one for one in changes if one[1].is_worse), key=lambda one: one[1].balance)
    return Deterioration(
        judge=judge,
        sessions=len(courses),
        missing=missing,
        columns=tuple(_groups(courses, lambda course: (course.column, course.column))),
        attitudes=tuple(
            _groups(
                courses,
                lambda course: (
                    (course.column, course.session.attitude),
                    f"{course.column}, {course.session.attitude}",
                ),
            )
        ),
        parts=tuple(_part_groups(changes)),
        clients=tuple(sorted(clients, key=lambda group: group.balance)),
        techniques=tuple(_technique_uses([change for _, change in changes])),
        passages=tuple(_passage(*one) for one in worst[:PASSAGES]),
    )


def _client(course: Course) -> str:
    return course.session.client.form.name


def _groups(
    courses: Iterable[Course], key: Callable[[Course], tuple[Hashable, str]]
) -> list[Group]:
    found: defaultdict[tuple[Hashable, str], list[tuple[Course, float]]] = defaultdict(list)
    for course in courses:
        found[key(course)].append((course, course.balance))
    return [_group(name, some) for (_, name), some in found.items()]


def _part_groups(changes: Iterable[tuple[Course, Change]]) -> list[Group]:
    found: defaultdict[tuple[str, int], list[tuple[Course, float]]] = defaultdict(list)
    for course, change in changes:
        found[course.column, change.part.number].append((course, change.balance))
    return [_group(f"{column}, part {part}", some) for (column, part), some in found.items()]


def _group(name: str, some: Sequence[tuple[Course, float]]) -> Group:
    balances = [balance for _, balance in some]
    owners = [form_subject(course.session.client.form) for course, _ in some]
    interval = cluster_bootstrap(balances, owners, fmean)
    low, high = (None if isnan(bound) else bound for bound in (interval.low, interval.high))
    return Group(
        name=name,
        count=len(some),
        worse=sum(balance < 0 for balance in balances),
        balance=interval.estimate,
        low=low,
        high=high,
    )


def _technique_uses(changes: Iterable[Change]) -> list[TechniqueUse]:
    chosen: dict[bool, Counter[TechniqueName]] = {True: Counter(), False: Counter()}
    exchanges = Counter[bool]()
    for change in changes:
        for techniques in change.techniques.values():
            exchanges[change.is_worse] += 1
            chosen[change.is_worse].update(techniques)
    if not exchanges:
        return []
    found = sorted(chosen[True] | chosen[False])
    return [
        TechniqueUse(
            technique=technique,
            in_worse=chosen[True][technique] / max(1, exchanges[True]),
            elsewhere=chosen[False][technique] / max(1, exchanges[False]),
            exchanges=chosen[True][technique] + chosen[False][technique],
        )
        for technique in dict.fromkeys([*packaged_techniques(), *found])
    ]


def _passage(course: Course, change: Change) -> Passage:
    return Passage(
        column=course.column,
        session=course.session.id,
        client=_client(course),
        attitude=course.session.attitude,
        part=change.part.number,
        balance=change.balance,
        feelings=dict(change.feelings),
        reason=change.reason,
        lines=tuple(_lines(change)),
    )


def _lines(change: Change) -> Iterator[Line]:
    said = {(one.exchange, one.speaker): one.text for one in change.session.utterances}
    for exchange in range(change.part.first, change.part.last + 1):
        yield Line(
            exchange=exchange,
            techniques=change.techniques.get(exchange, ()),
            counselor=said.get((exchange, Speaker.COUNSELOR), ""),
            client=said.get((exchange, Speaker.CLIENT), ""),
        )
