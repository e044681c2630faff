"""The metric `diversity`: Distinct-n and EAD, of whole runs and at equal numbers of tokens."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import JsonValue
from pydantic_core import to_jsonable_python

from magnet.evals.diversity.procedures import PROCEDURES, ProcedureName
from magnet.evals.diversity.tokenizer_files import ensure_tokenizer
from magnet.evals.metrics.metric import ArmValues, CompareRequest, Metric, Request, Result
from magnet.models.progress import fetch_progress
from magnet.state.table import Cell, Table, columns_of
from magnet.store import Session

if TYPE_CHECKING:
    from magnet.evals.diversity.compare import ClientSession, DiversityComparison
    from magnet.evals.diversity.measure import Diversity
    from magnet.evals.diversity.tokenizers import Tokenizer
    from magnet.evals.statistics.bootstrap import Interval


@dataclass(frozen=True, slots=True, kw_only=True)
class DiversityOptions:
    """How diversity is measured."""

    procedure: ProcedureName = "plain"
    tokenizer: str | None = None
    """A SPEC; none takes the procedure's own."""
    tokens: int | None = None
    """At how many tokens runs are compared; none takes half of the smallest run."""


async def _measure(request: Request) -> Result:
    from magnet.evals.diversity.measure import measure_diversity

    options = request.options.of(DiversityOptions)
    tokenizer = _tokenizer(options)
    measured = {
        name: measure_diversity(map(_texts, sessions), tokenizer, options.procedure)
        for name, sessions in request.columns.items()
    }
    tables = [_whole_table(measured)]
    data: dict[str, JsonValue] = {
        "runs": {name: found.model_dump(mode="json") for name, found in measured.items()}
    }
    if len(measured) > 1:
        compared = _compare(request.columns, tokenizer, options)
        tables.append(_compared_table(compared))
        data["compared"] = to_jsonable_python(compared, inf_nan_mode="null")
    return Result(tables=tables, data=data)


async def _by_arm(request: CompareRequest) -> ArmValues:
    columns = {arm.name: arm.sessions for arm in request.arms}
    options = request.options.of(DiversityOptions)
    return ArmValues(diversity=_compare(columns, _tokenizer(options), options, request.seed))


def _compare(
    columns: Mapping[str, Sequence[Session]],
    tokenizer: "Tokenizer",
    options: DiversityOptions,
    seed: int = 0,
) -> "DiversityComparison":
    from magnet.evals.diversity.compare import compare_diversity

    runs: dict[str, list[ClientSession]] = {
        name: [(session.client.form, _texts(session)) for session in sessions]
        for name, sessions in columns.items()
    }
    return compare_diversity(runs, tokenizer, options.procedure, tokens=options.tokens, seed=seed)


def _tokenizer(options: DiversityOptions) -> "Tokenizer":
    spec = options.tokenizer or PROCEDURES[options.procedure].tokenizer
    with fetch_progress() as progress:
        return ensure_tokenizer(spec, progress=progress)


def _texts(session: Session) -> list[str]:
    return [said.text for said in session.utterances]


def _whole_table(measured: "Mapping[str, Diversity]") -> Table:
    one = next(iter(measured.values()))
    return Table(
        title="diversity",
        columns=[
            *columns_of("run", "sessions", "utterances", "tokens", kind="count"),
            *columns_of(*(f"Distinct-{n}" for n in one.ngrams), "EAD", text=0),
        ],
        rows=[
            (
                name,
                *(Cell(n, f"{n:,}") for n in (found.sessions, found.utterances, found.tokens)),
                *(Cell(share.share, f"{share.share:.4f}") for share in found.ngrams.values()),
                Cell(found.ead, f"{found.ead:.4f}"),
            )
            for name, found in measured.items()
        ],
        note=f"procedure {one.procedure}, tokenizer {one.tokenizer}. It falls as a run grows: "
        "compare runs at equal numbers of tokens.",
    )


def _compared_table(compared: "DiversityComparison") -> Table:
    first, measures = next(iter(compared.runs.items()))
    less = {f"{first} less {name}": found for name, found in compared.differences.items()}
    return Table(
        title=f"diversity at {compared.tokens:,} tokens",
        columns=columns_of("run", *measures, kind="interval"),
        rows=[
            (name, *map(_cell, found.values())) for name, found in {**compared.runs, **less}.items()
        ],
        note="In brackets: 95 % intervals, clients resampled.",
    )


def _cell(interval: "Interval") -> Cell:
    text = f"{interval.estimate:.4f} ({interval.low:.4f} to {interval.high:.4f})"
    return Cell(interval.estimate, text, interval.low, interval.high)


DIVERSITY = Metric(
    name="diversity",
    help="Distinct-n and EAD, of whole runs and at equal numbers of tokens.",
    options=DiversityOptions,
    measure=_measure,
    by_arm=_by_arm,
    place=2,
)
