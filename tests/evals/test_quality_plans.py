from pathlib import Path
from typing import Any

import pytest

from magnet.evals.quality import measure_quality, measure_values
from magnet.state import (
    Candidate,
    CbtPlan,
    CbtTechnique,
    ExchangeRecord,
    PlanRecord,
    Selection,
)
from magnet.state.technique import packaged_techniques
from magnet.store.records import Session
from tests.evals.spoken import spoken
from tests.store.foreign import published, read_one, write
from tests.store.made import PROVENANCE

STEPS = ("Rate the worry together.", "Weigh both sides of it.", "Agree on one experiment.")


def planned(
    *texts: str,
    steps: tuple[str, ...] = STEPS,
    technique: CbtTechnique = CbtTechnique.CONTINUUM,
    flags: tuple[str, ...] = (),
) -> Session:
    plan = CbtPlan(reason="It fits the problem.", technique=technique, steps=list(steps))
    provenance = PROVENANCE.model_copy(update={"flags": flags})
    return spoken(*texts, plan=PlanRecord(plan=plan, provenance=provenance))


def imported(folder: Path, **changes: Any) -> Session:
    return read_one(write(folder / "session_1.json", published(**changes)))


def test_a_complete_plan_of_one_session_has_no_flaws() -> None:
    values = measure_values([planned()])
    names = ("plan_cut_off", "plan_several_sessions", "plan_unreadable")
    assert [values[name] for name in names] == [0, 0, 0]


def test_a_step_without_an_end_or_for_a_later_session_is_a_flaw() -> None:
    cut = planned(steps=(*STEPS[:2], "Agree on one experi"))
    later = planned(steps=(*STEPS[:2], "In session two, look back."))
    unreadable = planned(flags=("unreadable",))
    values = measure_values([cut, later, unreadable])
    assert values["plan_cut_off"] == 1 / 3
    assert values["plan_several_sessions"] == 1 / 3
    assert values["plan_unreadable"] == 1 / 3


@pytest.mark.parametrize(
    ("text", "cut", "several"),
    [
        ("**Session 1:** and so on, cut o", 1, 0),
        ("Session 1: ask.\n\nSession 2: ask again.\n", 0, 1),
        ("**Sessions 2-3** ask", 1, 1),
    ],
)
def test_plans_of_imported_sessions_are_measured(
    text: str, cut: int, several: int, tmp_path: Path
) -> None:
    values = measure_values([imported(tmp_path, cbt_plan=text)])
    assert (values["plan_cut_off"], values["plan_several_sessions"]) == (cut, several)
    assert "plan_unreadable" not in values, "how it was made is not known"


def test_the_technique_of_an_imported_plan_is_the_first_that_is_named(tmp_path: Path) -> None:
    text = 'I choose "Evidence Based Questioning" over the pie chart and Decatastrophizing.'
    result = measure_quality([imported(tmp_path, cbt_technique=text)])
    assert result.measures["plan_technique_entropy"].names == {"Evidence-Based Questioning": 1}


def test_a_session_without_a_plan_is_not_counted(tmp_path: Path) -> None:
    sessions = [spoken(), imported(tmp_path, cbt_plan=None, cbt_technique=None)]
    assert not [name for name in measure_values(sessions) if name.startswith("plan")]


def test_entropy_tells_one_technique_from_all_twelve() -> None:
    alike = measure_values([planned(technique=technique) for technique in CbtTechnique])
    assert alike["plan_technique_entropy"] == pytest.approx(1)
    assert alike["plan_commonest_technique"] == pytest.approx(1 / 12)
    one = measure_values([planned(), planned()])
    assert (one["plan_technique_entropy"], one["plan_commonest_technique"]) == (0, 1)


def test_adherence_counts_words_that_only_the_plan_brings() -> None:
    # The plan's own: rate, worry, together, weigh, side, agree, experiment. "Bread" is the form's.
    values = measure_values(
        [planned("Let's rate your worries.", "Bread.", "How hot was the bread?", "Hot.")]
    )
    assert values["plan_words_said"] == 2 / 4, "rate, worry of rate, worry, hot, bread"
    assert values["plan_coverage"] == 2 / 7


def exchanges(*chosen: tuple[str, ...], candidates: bool = True) -> tuple[ExchangeRecord, ...]:
    return tuple(
        ExchangeRecord(
            index=index,
            candidates=tuple(
                Candidate(
                    exchange=index, technique=technique, text="A draft.", provenance=PROVENANCE
                )
                for technique in packaged_techniques()
                if candidates
            ),
            selection=Selection(exchange=index, techniques=techniques, provenance=PROVENANCE),
        )
        for index, techniques in enumerate(chosen, 1)
    )


def test_technique_mix_over_all_sessions_and_within_each() -> None:
    reflection, questioning = ("reflection",), ("questioning",)
    sessions = [
        spoken(exchanges=exchanges(reflection, reflection)),
        spoken(exchanges=exchanges(questioning, questioning)),
    ]
    result = measure_quality(sessions).measures
    mix, within = result["technique_mix"], result["technique_entropy"]
    assert mix.names == {"questioning": 0.5, "reflection": 0.5}
    assert mix.overall is not None
    assert mix.overall.value == pytest.approx(0.4307, abs=1e-4), "log 2 over log 5"
    assert within.overall is not None
    assert within.overall.value == 0


def test_drafts_are_looked_for_where_the_session_has_who_makes_them(tmp_path: Path) -> None:
    magnet = {"specialist": {"model": "fake"}, "selector": {"model": "fake"}}
    kept = exchanges(("reflection",))
    lost = exchanges(("reflection",), candidates=False)
    values = measure_values([spoken(exchanges=e, models=magnet) for e in (kept, lost)])
    assert values["drafts_kept"] == 1 / 2
    single = spoken(exchanges=lost, models={"counselor": {"model": "fake"}})
    assert "drafts_kept" not in measure_values([single, imported(tmp_path)])
