"""What evaluations and comparisons found, as tables, data and files."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import JsonValue
from pydantic_core import from_json

from magnet.state.errors import BadUseError
from magnet.state.table import Column, Table, text_of

if TYPE_CHECKING:
    from magnet.evals.comparison.results import Comparison
    from magnet.evals.metrics.metric import Result


@dataclass(frozen=True, slots=True)
class EvaluatedRuns:
    """What metrics found in runs; a notebook shows the tables."""

    results: "Mapping[str, Result]"
    """The result of each metric, by its name."""

    @property
    def tables(self) -> dict[str, Sequence[Table]]:
        """The tables of each metric; the first is the one that says most."""
        return {name: result.tables for name, result in self.results.items()}

    @property
    def data(self) -> dict[str, Any]:
        """All figures of each metric, as `magnet eval --json` prints them."""
        return {name: result.data for name, result in self.results.items()}

    def to_pandas(self, metric: str | None = None) -> Any:
        """Return the first table of a metric as a `pandas.DataFrame` of values.

        Args:
            metric: Its name; None where one metric alone was evaluated.

        Raises:
            BadUseError: If the metric was not evaluated, or none of several is named.
            MagnetError: If pandas is not installed.
        """
        alone = next(iter(self.results)) if len(self.results) == 1 else None
        name = metric or alone
        if name is None or name not in self.results:
            raise BadUseError(f"metric: expected one of {', '.join(self.results)}, found {name!r}")
        return self.results[name].tables[0].to_pandas()

    def write(self, folder: str | PathLike[str]) -> list[Path]:
        """Write a NAME.json for each metric, and its plots into a folder of its name.

        Args:
            folder: Where; it is made if it is not there.

        Returns:
            The files.

        Raises:
            EvaluationError: If a file cannot be written, or what plots need is not installed.
        """
        from magnet.evals.evaluation import write_results

        return write_results(self.results, Path(folder))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(self.results)})"

    def _repr_html_(self) -> str:
        return _html(table for tables in self.tables.values() for table in tables)


@dataclass(frozen=True, slots=True)
class ComparedArms:
    """What a comparison of runs or methods found; a notebook shows the tables."""

    comparison: "Comparison"
    """Means, differences and tests, by measure; `missing` says what could not be compared."""

    @property
    def tables(self) -> list[Table]:
        """The tables, as `magnet compare` prints them."""
        from magnet.evals.comparison.grids import all_grids

        return list(all_grids(self.comparison))

    @property
    def data(self) -> JsonValue:
        """All figures, as `magnet compare --json` prints them."""
        return from_json(self.comparison.model_dump_json())

    def to_pandas(self) -> Any:
        """Return a `pandas.DataFrame` with a row for each measure and arm.

        Raises:
            MagnetError: If pandas is not installed.
        """
        from magnet.evals.comparison.grids import family_grid

        families = [family_grid(family) for family in self.comparison.families if family.overall]
        columns = families[0].columns if families else ()
        rows = [(family.title, *row) for family in families for row in family.rows]
        return Table(title="", columns=[Column("family"), *columns], rows=rows).to_pandas()

    def write(self, folder: str | PathLike[str]) -> Path:
        """Write `comparison.json`.

        Args:
            folder: Where; it is made if it is not there.

        Returns:
            The file.

        Raises:
            EvaluationError: If it cannot be written.
        """
        from magnet.evals.comparison.compare import write_comparison

        return write_comparison(self.comparison, Path(folder))

    def __repr__(self) -> str:
        arms = ", ".join(arm.name for arm in self.comparison.arms)
        return f"{type(self).__name__}({arms})"

    def _repr_html_(self) -> str:
        return _html(self.tables)


def _html(tables: Iterable[Table]) -> str:
    return "\n".join(map(_html_table, tables))


def _html_table(table: Table) -> str:
    heads = "".join(f"<th>{_text(column.heading)}</th>" for column in table.columns)
    rows = "".join(
        "<tr>"
        + "".join(
            f'<td style="text-align: {column.align}">{_text(text_of(cell))}</td>'
            for column, cell in zip(table.columns, row, strict=True)
        )
        + "</tr>"
        for row in table.rows
    )
    note = f"<p>{_text(table.note)}</p>" if table.note else ""
    return (
        f"<table><caption>{_text(table.title)}</caption>"
        f"<thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>{note}"
    )


def _text(text: str) -> str:
    return escape(text).replace("\n", "<br>")
