"""The dataset card: a README.md that says what the sessions beside it are, and how they came."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from magnet.state.provenance import Usage
from magnet.state.session import OPENING_UTTERANCES
from magnet.state.text import words
from magnet.state.utterance import Speaker
from magnet.store.formats.markup import facts, in_head, table
from magnet.store.records import Session, SessionStatus

NOT_STATED = "not stated"
MARK = "<!-- A card that `magnet export` wrote and may write again. -->"
_NAMED_AT_MOST = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class CardMeasure:
    """A measured share of these sessions, beside what was published and what to aim for."""

    label: str
    share: float
    published: float
    at_least: float = 0.0
    at_most: float = 1.0


def write_card(
    sessions: Sequence[Session],
    *,
    format: str,
    files: Sequence[str],
    licence: str = NOT_STATED,
    measures: Sequence[CardMeasure] = (),
) -> str:
    """Write the text of a card.

    Args:
        sessions: the exported sessions, in their order.
        format: name of the format that they are in.
        files: names of the files with sessions, as seen from the card.
        licence: an identifier such as `cc-by-4.0`.
        measures: what was measured of these sessions.
    """
    # The Hugging Face hub reads the head of a card, and knows no licence by our words.
    known = "unknown" if licence == NOT_STATED else licence
    head = f"---\nlicense: {in_head(known)}\ntags:\n- synthetic\n- counseling\n---\n{MARK}"
    parts = [
        head,
        "# Synthetic counseling sessions",
        "Invented by language models: no advice, no therapy, no record of any person.",
        facts(
            {
                "Sessions": _sizes(sessions),
                "Format": f"{format}, {_names(files)}",
                "Licence": licence,
                "Runs": _names(sorted({s.run for s in sessions if s.run})) or "none",
                "Session seeds": _names(_seeds(sessions)) or NOT_STATED,
            }
        ),
        *_section("Methods, attitudes, ends", ["method", "attitude", "end"], sessions, _ends),
        *_section("Models", ["method", "role", "model"], sessions, _models),
        *_section("Prompts", ["method", "hash", "layout"], sessions, _prompts),
        "## Turns and tokens",
        table(["", "median", "least", "most"], _turns(sessions)),
        _tokens(sessions),
    ]
    if measures:
        rows = [
            [m.label, f"{m.share:.1%}", f"{m.published:.1%}", _aim(m.at_least, m.at_most)]
            for m in measures
        ]
        parts += ["## Flaws", table(["share of", "here", "MAGneT as published", "aim"], rows)]
    return "\n\n".join(parts) + "\n"


def _sizes(sessions: Sequence[Session]) -> str:
    unfinished = [s.id for s in sessions if s.status is not SessionStatus.FINISHED]
    if not unfinished:
        return f"{len(sessions)}"
    return f"{len(sessions)}, of which {len(unfinished)} unfinished: {_names(unfinished)}"


def _seeds(sessions: Sequence[Session]) -> list[str]:
    return [str(seed) for seed in sorted({s.settings.seed for s in sessions if not s.source})]


def _ends(session: Session) -> Iterable[tuple[str, ...]]:
    unfinished = session.status is not SessionStatus.FINISHED
    end = "unfinished" if unfinished else session.end_reason or NOT_STATED
    yield session.method, session.attitude.value, end


def _models(session: Session) -> Iterable[tuple[str, ...]]:
    for role, model in (session.model_ids or {"all": NOT_STATED}).items():
        yield session.method, role, str(model)


def _prompts(session: Session) -> Iterable[tuple[str, ...]]:
    yield session.method, session.prompt_hash or NOT_STATED, session.prompt_layout or NOT_STATED


def _turns(sessions: Sequence[Session]) -> list[list[str]]:
    generated = [session.utterances[OPENING_UTTERANCES:] for session in sessions]
    lengths = {
        f"words of the {speaker.value}": [
            len(words(u.text)) for said in generated for u in said if u.speaker is speaker
        ]
        for speaker in Speaker
    }
    counted = {"generated utterances of a session": [len(said) for said in generated], **lengths}
    return [
        [name, f"{median(found):g}", str(min(found)), str(max(found))]
        for name, found in counted.items()
        if found
    ]


def _tokens(sessions: Sequence[Session]) -> str:
    calls = sum(session.calls for session in sessions)
    if not calls:
        return f"Model calls and tokens: {NOT_STATED}."
    usage = sum((session.usage for session in sessions), Usage())
    return (
        f"{calls:,} model calls, {usage.prompt:,} prompt tokens ({usage.cached:,} from a cache), "
        f"{usage.completion:,} completion tokens."
    )


def _section(
    title: str,
    header: Sequence[str],
    sessions: Sequence[Session],
    rows_of: Callable[[Session], Iterable[tuple[str, ...]]],
) -> list[str]:
    counted = Counter(row for session in sessions for row in rows_of(session))
    rows = [[*row, str(count)] for row, count in sorted(counted.items())]
    return [f"## {title}", table([*header, "sessions"], rows)]


def _aim(at_least: float, at_most: float) -> str:
    bounds = [f"at least {at_least:.0%}"] if at_least else []
    return ", ".join([*bounds, f"at most {at_most:.0%}"] if at_most < 1 else bounds)


def _names(names: Sequence[str]) -> str:
    more = len(names) - _NAMED_AT_MOST
    return ", ".join(names[:_NAMED_AT_MOST]) + (f" and {more} more" if more > 0 else "")
