"""The table of flaws: its rows, and beside them the published figures and the aims.

The published figures are those of the 442 sessions published with MAGneT (arXiv 2509.04183),
measured without the two given opening utterances: 8,840 utterances of each speaker.
"""

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, computed_field

from state.utterance import Speaker


class Share(BaseModel):
    """So many of so many."""

    model_config = ConfigDict(frozen=True)

    count: int
    of: int

    @computed_field
    @property
    def share(self) -> float:
        """The quotient, 0 to 1; 0 of nothing is 0."""
        return self.count / self.of if self.of else 0.0


class Spread(BaseModel):
    """Median, 5th and 95th percentile."""

    model_config = ConfigDict(frozen=True)

    median: float
    p5: float
    p95: float


class FlawTable(BaseModel):
    """The flaws over a set of sessions; `PUBLISHED` says what each row counts."""

    model_config = ConfigDict(frozen=True)

    sessions: int
    client_near_duplicates: Share
    client_near_duplicates_by_turn: dict[int, Share]
    client_exact_repeats: Share
    client_sentences_said_before: Share
    end_runs: Share
    formula_openings: Share
    commonest_openings: dict[str, Share]
    counselor_questions: Share
    empty_client_turns: Share
    technique_named: Share
    glued: Share
    notes: Share
    role_labels: Share
    closing_cues: Share
    last_counselor_asks: Share
    words: dict[Speaker, Spread]


class Published(BaseModel):
    """A row of the table: what it counts, the published share, and the bounds to aim for."""

    model_config = ConfigDict(frozen=True)

    label: str
    share: float
    at_least: float = 0.0
    at_most: float = 1.0


PUBLISHED: Mapping[str, Published] = {
    "client_near_duplicates": Published(
        label="client utterances close to an earlier one of its own", share=0.315, at_most=0.03
    ),
    "client_exact_repeats": Published(
        label="client utterances equal to an earlier one", share=0.159, at_most=0
    ),
    "client_sentences_said_before": Published(
        label="client sentences of five words or more said before", share=0.303, at_most=0.03
    ),
    "end_runs": Published(
        label="sessions that end in three or more repetitions by the client",
        share=147 / 442,
        at_most=0,
    ),
    "formula_openings": Published(
        label="counselor utterances with one of the five commonest openings",
        share=0.51,
        at_most=0.20,
    ),
    "counselor_questions": Published(
        label="counselor utterances that end with a question",
        share=0.86,
        at_least=0.40,
        at_most=0.65,
    ),
    "empty_client_turns": Published(
        label="client utterances without a word", share=108 / 8840, at_most=0
    ),
    "technique_named": Published(
        label="counselor utterances that name a technique", share=26 / 8840, at_most=0
    ),
    "glued": Published(
        label="utterances with sentences glued together", share=21 / 17680, at_most=0
    ),
    "notes": Published(label="utterances with a note to the reader", share=4 / 17680, at_most=0),
    "role_labels": Published(label="utterances with a role label", share=108 / 17680, at_most=0),
    "closing_cues": Published(
        label="sessions with a closing cue in the last four utterances",
        share=14 / 442,
        at_least=0.90,
    ),
    "last_counselor_asks": Published(
        label="sessions whose last counselor utterance asks", share=365 / 442, at_most=0.10
    ),
}
"""The published share and the aim of each row of `FlawTable`, by field."""

PUBLISHED_NEAR_DUPLICATES_BY_TURN: Mapping[int, float] = {5: 0.13, 10: 0.19, 15: 0.49, 20: 0.68}
PUBLISHED_COMMONEST_OPENING = ("it sounds like", 0.27)
PUBLISHED_WORDS: Mapping[Speaker, Spread] = {
    Speaker.COUNSELOR: Spread(median=77, p5=47, p95=116),
    Speaker.CLIENT: Spread(median=76, p5=40, p95=122),
}
CLIENT_MEDIAN_WORDS_AT_MOST = 45
