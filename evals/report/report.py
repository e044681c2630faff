"""Writing a report: what is stored about arms, gathered, compared and laid out."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from magnet.evals.comparison.arms import Arm, list_arms
from magnet.evals.comparison.compare import compare
from magnet.evals.comparison.grids import (
    arms_grid,
    attitudes_grid,
    family_grid,
    preference_grid,
    ranking_grid,
)
from magnet.evals.comparison.preferred import read_matchups
from magnet.evals.comparison.results import Comparison
from magnet.evals.comparison.scored import Scored, read_scored, scale_families
from magnet.evals.metrics.metric import Options
from magnet.evals.report.charts import calls_figures, judged_figures, turns_figures
from magnet.evals.report.errors import ReportError
from magnet.evals.report.judges import judges_section
from magnet.evals.report.method_tables import item_tables, method_tables
from magnet.evals.report.provenance import provenance_section
from magnet.evals.report.readings import pick_readings
from magnet.evals.report.rendering import render_markdown, render_page
from magnet.evals.report.sections import Report, Section
from magnet.evals.writing import writing_into
from magnet.sessions.workspace import Workspace

TITLE = "Evaluation of counseling sessions"


async def write_report(
    workspace: Workspace,
    names: Sequence[str],
    out: Path,
    *,
    title: str = TITLE,
    comparison: Comparison | None = None,
    options: Options | None = None,
    seed: int = 0,
) -> Path:
    """Write a report on arms into a folder: `report.html` and `report.md`.

    Nothing is asked of a model: what is missing is said to be missing, with the command that makes
    it. The page is one file that asks the network for nothing; transcripts stand in it.

    Args:
        workspace: where the arms are stored.
        names: one arm or more, each a `RUN` or a `RUN:METHOD`; a run of several methods stands for
            all of them. The others are tested against the first.
        out: the folder.
        title: of the page.
        comparison: of these very arms, if it has been made; none makes it.
        options: those of the metrics; none takes their defaults.
        seed: of resamples and permutations.

    Returns:
        The path of the page.

    Raises:
        ReportError: if a file cannot be written.
        ModuleNotFoundError: if a package of the extra `eval` is not installed.
        UnknownIdError, ArmError: if an arm cannot be found or has no finished session.
        TokenizerError, DiversityError: if diversity cannot be measured so.
        StoreError: if the database cannot be read.
    """
    found = comparison or await compare(workspace, names, options=options, seed=seed)
    arms = await list_arms(workspace, names)
    scored = await read_scored(workspace, arms)
    matchups = await read_matchups(workspace, arms)
    readings = pick_readings(scale_families(scored), scored, arms)
    report = Report(
        title=title,
        sections=[
            _overview(found),
            Section(
                id="methods",
                title="Methods",
                tables=method_tables(found),
                folded=item_tables(found),
            ),
            _plots(found, arms),
            _tests(found),
            judges_section(scored, matchups),
            await provenance_section(workspace, arms, seed),
        ],
        readings=readings,
        no_readings=_why_none(scored),
    )
    _write({"report.html": render_page(report), "report.md": render_markdown(report)}, out)
    return out / "report.html"


def _overview(found: Comparison) -> Section:
    text = "Nothing that could be compared is missing."
    if found.missing:
        text = "What is missing, or should not be believed:"
    return Section(
        id="overview",
        title="What is compared",
        text=[text],
        points=found.missing,
        tables=[arms_grid(found)],
    )


def _plots(found: Comparison, arms: Sequence[Arm]) -> Section:
    sessions = {arm.name: arm.sessions for arm in arms}
    figures = [*judged_figures(found), *turns_figures(sessions), *calls_figures(found)]
    return Section(id="plots", title="Plots", figures=figures)


def _tests(found: Comparison) -> Section:
    shown = [family for family in found.families if family.overall]
    grids = [grid for one in shown for grid in (family_grid(one), attitudes_grid(one))]
    grids += [preference_grid(one, found.reference) for one in found.preferences]
    grids += [ranking_grid(one) for one in found.rankings]
    text = f"Every other arm is tested against {found.reference}, paired by client and attitude."
    if len(found.arms) < 2:
        text = "One arm alone has nothing to be tested against."
    return Section(id="tests", title="Tests", text=[text], folded=grids)


def _why_none(scored: Scored) -> str:
    if any(scored.judged.values()):
        return "No session has a score that the others could be ordered by."
    return "Nothing is judged, so no session can be called the best or the worst."


def _write(files: Mapping[str, str], folder: Path) -> None:
    with writing_into(folder, ReportError):
        for name, text in files.items():
            (folder / name).write_text(text, encoding="utf-8")
