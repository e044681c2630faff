"""A session as the measures read it."""

from dataclasses import dataclass

from magnet.state.role_labels import role_label
from magnet.state.session import OPENING_UTTERANCES
from magnet.state.technique import CbtTechnique
from magnet.state.text import words
from magnet.state.utterance import Speaker, Utterance
from magnet.store.records import Session


@dataclass(frozen=True, slots=True)
class Said:
    """An utterance, read once for all measures."""

    speaker: Speaker
    exchange: int  # from 1; 0 for the opening pair
    stored: str
    text: str  # without role labels: they are a flaw of their own and must not hide another
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TranscriptPlan:
    """The plan of a session, its own or an imported one."""

    technique: CbtTechnique | None  # none if an imported text names none
    parts: tuple[str, ...]  # texts that each should be complete; an imported plan is one
    steps: tuple[str, ...]  # what the counselor is to do; an imported plan whole


@dataclass(frozen=True, slots=True)
class Transcript:
    """What was said and planned in a session."""

    session: Session
    opening: tuple[Said, ...]
    generated: tuple[Said, ...]
    plan: TranscriptPlan | None

    def by(self, speaker: Speaker) -> list[Said]:
        """Return the generated utterances of one speaker."""
        return [said for said in self.generated if said.speaker is speaker]


def read_transcript(session: Session) -> Transcript:
    """Read a session, finished or not."""
    said = tuple(map(_read_utterance, session.utterances))
    return Transcript(
        session=session,
        opening=said[:OPENING_UTTERANCES],
        generated=said[OPENING_UTTERANCES:],
        plan=_read_plan(session),
    )


def _read_utterance(utterance: Utterance) -> Said:
    text = role_label().sub("", utterance.text)
    return Said(utterance.speaker, utterance.exchange, utterance.text, text, tuple(words(text)))


def _read_plan(session: Session) -> TranscriptPlan | None:
    if session.plan:
        plan = session.plan.plan
        return TranscriptPlan(plan.technique, (plan.reason, *plan.steps), tuple(plan.steps))
    given = session.source.data if session.source else {}
    text, technique = given.get("cbt_plan"), given.get("cbt_technique")
    if not isinstance(text, str):
        return None
    named = _first_named(technique) if isinstance(technique, str) else None
    return TranscriptPlan(named, (text,), (text,))


def _first_named(text: str) -> CbtTechnique | None:
    """Return the technique that a text names first, whatever its hyphens and capitals."""
    plain = _plain(text)
    places = {plain.find(_plain(t).removesuffix(" technique")): t for t in CbtTechnique}
    found = [place for place in places if place >= 0]
    return places[min(found)] if found else None


def _plain(text: str) -> str:
    return text.lower().replace("-", " ")
