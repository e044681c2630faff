"""Which sessions of a data set are trained on, and which of their counselor's utterances."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from magnet.state import OPENING_UTTERANCES, Speaker, Utterance
from magnet.state.errors import Command, Option
from magnet.state.text import words
from magnet.store import Session, SessionStatus
from magnet.store.formats import NOT_STATED
from magnet.training.data.duplicates import near_duplicates
from magnet.training.data.errors import TrainingDataError
from magnet.training.data.filters import Measures, check_bounds
from magnet.training.data.settings import DataSettings
from magnet.training.data.splits import SPLITS, Split, client_key, split_clients


@dataclass(frozen=True, slots=True, kw_only=True)
class ChosenSession:
    """A session that becomes examples."""

    session: Session
    client: str
    split: Split
    trained: tuple[int, ...]
    """Indices of the utterances that carry loss, at least one, ascending."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What becomes examples, and what does not for which reason."""

    settings: DataSettings
    chosen: tuple[ChosenSession, ...]
    """Training first, then validation, then test."""
    left_out: Counter[str] = field(default_factory=Counter[str])
    """Sessions, by reason."""
    untrained: Counter[str] = field(default_factory=Counter[str])
    """The counselor's generated utterances in the chosen sessions without loss, by reason."""

    def in_split(self, split: Split) -> list[ChosenSession]:
        """Return the sessions of one split."""
        return [one for one in self.chosen if one.split == split]


def choose_sessions(
    sessions: Sequence[Session], settings: DataSettings, measures: Measures | None = None
) -> Choice:
    """Choose what to train on, validate on and test on.

    Of sessions that are near-duplicates of each other, and of such counselor's utterances in the
    whole data set, the first stays; training comes before validation and that before test, so
    that what is held out was not trained on.

    Args:
        sessions: one that is given twice counts once; only finished ones are chosen.
        settings: the split, the filters, whether near-duplicates stay.
        measures: what the filters go by.

    Raises:
        TrainingDataError: imported sessions without a licence, a filter by what nobody measured,
            clients that cannot be split, or nothing left to train on.
    """
    unique = list({session.id: session for session in sessions}.values())
    finished = [session for session in unique if session.status is SessionStatus.FINISHED]
    if not finished:
        raise TrainingDataError(
            f"none of {len(unique)} sessions is finished. '{{resume}}' goes on with those begun",
            resume=Command(("resume",)),
        )
    _check_licence(finished, settings)
    check_bounds(settings.filters, measures or {})
    splits = split_clients(finished, settings.split, settings.seed)
    left_out = Counter({"not finished": len(unique) - len(finished)})
    kept: list[Session] = []
    for session in finished:
        reason = _complaint(session, splits, settings, (measures or {}).get(session.id, {}))
        if reason is None:
            kept.append(session)
        else:
            left_out[reason] += 1
    kept.sort(key=lambda session: SPLITS.index(splits[client_key(session)]))
    if not settings.keep_duplicates:
        repeats = near_duplicates([_counselors_text(session) for session in kept])
        left_out["close to an earlier session"] = sum(repeats)
        kept = [session for session, repeat in zip(kept, repeats, strict=True) if not repeat]
    trained, untrained = _choose_utterances(kept, keep_duplicates=settings.keep_duplicates)
    left_out["no utterance left to train on"] = sum(not trained[s.id] for s in kept)
    chosen = tuple(
        ChosenSession(
            session=session,
            client=client_key(session),
            split=splits[client_key(session)],
            trained=tuple(trained[session.id]),
        )
        for session in kept
        if trained[session.id]
    )
    choice = Choice(settings, chosen, +left_out, +untrained)  # + drops what counts zero
    if not choice.in_split("train"):
        why = "; ".join(f"{count}: {reason}" for reason, count in choice.left_out.items())
        raise TrainingDataError(
            f"of {len(unique)} sessions none is left to train on ({why}). Widen the filters, or "
            "add runs"
        )
    return choice


def _check_licence(sessions: Sequence[Session], settings: DataSettings) -> None:
    imported = sum(session.source is not None for session in sessions)
    if imported and settings.licence == NOT_STATED:
        raise TrainingDataError(
            f"{imported} of these sessions were imported, and what is trained on them falls under "
            "their licence: state it with {licence}, such as cc-by-4.0",
            licence=Option("licence"),
        )


def _complaint(
    session: Session,
    splits: Mapping[str, Split],
    settings: DataSettings,
    values: Mapping[str, float],
) -> str | None:
    if client_key(session) not in splits:
        return f"client in no part of the split {settings.split}"
    return next(filter(None, (bound.complaint(values) for bound in settings.filters)), None)


def _counselors(session: Session) -> list[Utterance]:
    generated = session.utterances[OPENING_UTTERANCES:]
    return [said for said in generated if said.speaker is Speaker.COUNSELOR]


def _counselors_text(session: Session) -> str:
    return "\n".join(said.text for said in _counselors(session))


def _choose_utterances(
    sessions: Sequence[Session], *, keep_duplicates: bool
) -> tuple[dict[str, list[int]], Counter[str]]:
    """Return by session the indices of the utterances to train; and why others are not trained."""
    said = [(session.id, u) for session in sessions for u in _counselors(session)]
    spoken = [(session, u) for session, u in said if words(u.text)]
    repeats = (
        [False] * len(spoken) if keep_duplicates else near_duplicates([u.text for _, u in spoken])
    )
    trained: dict[str, list[int]] = {session.id: [] for session in sessions}
    for (session, utterance), repeat in zip(spoken, repeats, strict=True):
        if not repeat:
            trained[session].append(utterance.index)
    untrained = Counter(
        {
            "without a word": len(said) - len(spoken),
            "close to an earlier utterance": sum(repeats),
        }
    )
    return trained, untrained
