from pathlib import Path

import pytest

from magnet.evals.quality import MEASURES, MeasureResult, Quality, measure_quality
from magnet.evals.quality.plots import write_plots
from tests.evals.spoken import spoken

DRAWN = "client_words"


def measured(*texts: str) -> Quality:
    """Return a table in which one measure alone can be drawn."""
    found = measure_quality([spoken(*texts)], [MEASURES[DRAWN]])
    return found.model_copy(
        update={"measures": {name: MeasureResult() for name in MEASURES} | found.measures}
    )


@pytest.mark.slow
def test_a_reference_is_a_band_and_without_one_there_is_none(tmp_path: Path) -> None:
    pytest.importorskip("altair")
    pytest.importorskip("vl_convert")
    columns = {"pilot": measured("Why?", "It burns.", "Since when?", "Since the new oven came.")}
    reference = measured("Why?", "I forget it.", "Since when?", "May.")
    (alone,) = write_plots(columns, None, tmp_path / "alone")
    (beside,) = write_plots(columns, reference, tmp_path / "beside")
    assert alone.name == beside.name == f"{DRAWN}.svg"
    grey = "stroke-dasharray"
    assert (grey in alone.read_text(), grey in beside.read_text()) == (False, True)
    assert "grey: the reference, sessions: 1; green: the aim" in beside.read_text()
    assert ">green: the aim<" in alone.read_text()
