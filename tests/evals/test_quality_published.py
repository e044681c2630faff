"""The published figures are found again on the published sessions, where they are at hand."""

from pathlib import Path

import pytest

from magnet.evals.quality import MEASURES, measure_quality
from magnet.store.formats import read_sessions

SESSIONS = Path(__file__).parents[2].parent / "shared" / "data" / "magnet-released-1-120.zip"


@pytest.mark.slow
@pytest.mark.skipif(not SESSIONS.exists(), reason="the published sessions are not at hand")
def test_the_published_figures_are_found_again_on_a_part_of_the_sessions() -> None:
    files = read_sessions(SESSIONS, "published")
    figures = {name: m.published for name, m in MEASURES.items() if m.published is not None}
    quality = measure_quality(
        [session for file in files for session in file.sessions],
        [MEASURES[name] for name in figures],
    )
    unseen = {name for name, result in quality.measures.items() if result.overall is None}
    assert unseen == {"plan_unreadable", "drafts_kept"}, "their files do not hold these"
    for name in figures.keys() - unseen:
        overall = quality.measures[name].overall
        assert overall is not None
        assert overall.low is not None
        assert overall.high is not None
        # The published table is rounded to a percent.
        assert overall.low - 0.005 <= figures[name] <= overall.high + 0.005, name
    near = quality.measures["client_near_duplicates"].by_exchange
    for exchange, share in {5: 0.13, 10: 0.19, 15: 0.49, 20: 0.68}.items():
        assert near[exchange].value == pytest.approx(share, abs=0.03)
