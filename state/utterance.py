"""Utterances, and what was on the table when the counselor's were made."""

from enum import StrEnum

from pydantic import Field

from magnet.state.provenance import Accounted, AccountField, OptionalAccountField
from magnet.state.technique import TechniqueName


class Speaker(StrEnum):
    """Who says an utterance."""

    COUNSELOR = "counselor"
    CLIENT = "client"

    @property
    def other(self) -> "Speaker":
        """The one who listens."""
        return Speaker.CLIENT if self is Speaker.COUNSELOR else Speaker.COUNSELOR


class Utterance(Accounted):
    """One message by one speaker. Indices 0 and 1 are the given opening pair."""

    index: int = Field(ge=0, description="place in the session")
    speaker: Speaker
    text: str
    provenance: OptionalAccountField = Field(
        default=None, description="none for the given opening pair"
    )

    @property
    def key(self) -> int:
        """Identity in the session's list: writing the same key again replaces."""
        return self.index

    @property
    def turn(self) -> int:
        """Count of generated utterances up to this one; 0 and below for the opening pair."""
        return self.index - 1

    @property
    def exchange(self) -> int:
        """The exchange it belongs to, from 1; 0 for the opening pair."""
        return self.index // 2


class Candidate(Accounted):
    """What one specialist proposed as the counselor's next utterance."""

    exchange: int = Field(ge=1)
    technique: TechniqueName
    text: str
    provenance: AccountField

    @property
    def key(self) -> tuple[int, str]:
        """Identity in the session's list."""
        return self.exchange, self.technique


class Selection(Accounted):
    """The techniques chosen for the counselor's next utterance."""

    exchange: int = Field(ge=1)
    techniques: tuple[TechniqueName, ...] = Field(min_length=1)
    reason: str = ""
    provenance: AccountField

    @property
    def key(self) -> int:
        """Identity in the session's list."""
        return self.exchange
