"""From what the director decided, as data in the state, to what an agent is told of it.

Where a part of the director is switched off, or has nothing to say, its words are empty.
"""

from collections.abc import Callable, Iterable, Mapping
from string import Template

from magnet.prompts.director_texts import DirectorTexts, Three
from magnet.prompts.fields import CONSTANTS, DIRECTED, Sight, render_dialogue
from magnet.state import (
    Direction,
    DirectorParts,
    Farewell,
    SessionState,
    affect_of,
    current_exchange,
    direction_of,
)
from magnet.state.director import dealt_techniques, steps_wanted

_NO_PARTS = DirectorParts(
    phases=False, inner_life=False, novelty=False, affect_guard=False, closing=False, risk=False
)

_TOLD_OPENINGS = 4
_LISTS = ("First", "Second", "Third")

Words = Callable[[SessionState, Direction, DirectorTexts], str]


def told_by_director(
    state: SessionState, sees: Iterable[Sight], texts: DirectorTexts
) -> dict[str, str]:
    """Give the director's words for an agent that sees so much."""
    exchange = current_exchange(state)
    direction = direction_of(state, exchange) or Direction(exchange=exchange)
    return {s.value: _WORDS[s](state, direction, texts).strip() for s in sees if s in DIRECTED}


def _parts(state: SessionState) -> DirectorParts:
    return state["settings"].director or _NO_PARTS


def _step(state: SessionState, direction: Direction, _: DirectorTexts) -> str:
    if direction.progress is None or "plan" not in state:
        return ""
    steps = state["plan"].plan.steps
    return steps[min(direction.progress.step, len(steps)) - 1]


def _barred(_: SessionState, direction: Direction, __: DirectorTexts) -> str:
    used = direction.novelty.counselor if direction.novelty else None
    # All are checked for, the latest are told: a long list invites a small model to copy it.
    latest = (*used.openings[-_TOLD_OPENINGS:], *used.phrases) if used else ()
    return ", ".join(f'"{words}"' for words in latest)


def _asking(_: SessionState, direction: Direction, texts: DirectorTexts) -> str:
    if direction.novelty is None or direction.asks_for_safety or direction.is_last:
        return ""
    return texts.asking.must if direction.novelty.asks else texts.asking.must_not


def _ending(_: SessionState, direction: Direction, texts: DirectorTexts) -> str:
    ending = direction.ending
    if ending is None or ending.farewell is Farewell.ANNOUNCED:
        return ""
    if ending.farewell is Farewell.SUMMARY:
        return texts.endings.summary
    return texts.endings.left if ending.leaving else texts.endings.goodbye


def _safety(_: SessionState, direction: Direction, texts: DirectorTexts) -> str:
    if direction.risk is None:
        return ""
    told = [texts.safety[kind].strip() for kind in direction.risk.address]
    return " ".join([*told, texts.safety_again] if direction.risk.remind else told)


def _may_end(state: SessionState, _: Direction, texts: DirectorTexts) -> str:
    return "" if _parts(state).closing else Template(texts.may_end).substitute(CONSTANTS)


def _mood(state: SessionState, _: Direction, texts: DirectorTexts) -> str:
    affect = affect_of(state, current_exchange(state))
    if affect is None or not _parts(state).inner_life:
        return ""
    levels = (
        (texts.moods.valence, (affect.valence + 1) / 2),
        (texts.moods.arousal, affect.arousal),
        (texts.moods.trust, affect.trust),
    )
    return ", ".join(_third(words, level) for words, level in levels)


def _third(words: Three, level: float) -> str:
    return words[min(2, int(3 * level))]


def _intention(_: SessionState, direction: Direction, texts: DirectorTexts) -> str:
    # Who is about to leave has that to say, and nothing else.
    if direction.manner is None or _leaves(direction):
        return ""
    return texts.intentions[direction.manner.intention]


def _length(_: SessionState, direction: Direction, texts: DirectorTexts) -> str:
    if direction.manner is None:
        return texts.length_free
    words = direction.manner.words
    return next(one.text for one in texts.lengths if words <= one.words)


def _leaves(direction: Direction) -> bool:
    return direction.ending is not None and direction.ending.farewell is not Farewell.SUMMARY


def _leaving(_: SessionState, direction: Direction, texts: DirectorTexts) -> str:
    if direction.is_last:
        return texts.goodbye
    leaving = direction.ending.leaving if direction.ending else None
    return texts.leaving[leaving] if leaving else ""


def _techniques_offered(state: SessionState, _: Direction, texts: DirectorTexts) -> str:
    if not _parts(state).phases:
        return CONSTANTS["cbt_techniques"]
    # In an order of the session's own: models prefer what stands first (arXiv 2309.03882).
    dealt = zip(_LISTS, dealt_techniques(state["settings"].seed), strict=True)
    return "\n".join(
        "\n".join([f"{name} list:", *(f"- {one}: {texts.techniques[one]}" for one in techniques)])
        for name, techniques in dealt
    )


def _steps_wanted(state: SessionState, _: Direction, texts: DirectorTexts) -> str:
    if not _parts(state).phases:
        return texts.steps_free
    return str(steps_wanted(state["settings"].turn_limit // 2))


def _screened(state: SessionState, _: Direction, __: DirectorTexts) -> str:
    counselor, client = state["utterances"][-2:]
    if current_exchange(state) == 1:
        return f"{state['client'].form.full_text}\n\nFirst words:\n{client.text}"
    return f"Asked: {counselor.text}\n\nWritten by the client:\n{client.text}"


_WORDS: Mapping[Sight, Words] = {
    Sight.PHASE: lambda _, direction, texts: (
        texts.phases[direction.phase] if direction.phase else ""
    ),
    Sight.STEP: _step,
    Sight.COUNSELOR_SAID: lambda _, direction, __: (
        ", ".join(direction.novelty.counselor.points) if direction.novelty else ""
    ),
    Sight.BARRED: _barred,
    Sight.ASKING: _asking,
    Sight.MOOD_FALLS: lambda _, direction, texts: texts.mood_falls if direction.mood_falls else "",
    Sight.ENDING: _ending,
    Sight.SAFETY: _safety,
    Sight.MAY_END: _may_end,
    Sight.MOOD: _mood,
    Sight.INTENTION: _intention,
    Sight.LENGTH: _length,
    Sight.CLIENT_SAID: lambda _, direction, __: (
        ", ".join(direction.novelty.client.points) if direction.novelty else ""
    ),
    Sight.LEAVING: _leaving,
    Sight.TECHNIQUES_OFFERED: _techniques_offered,
    Sight.DELIBERATION: lambda state, _, texts: texts.deliberation if _parts(state).phases else "",
    Sight.STEPS_WANTED: _steps_wanted,
    Sight.SCREENED: _screened,
    Sight.LAST_EXCHANGE: lambda state, _, __: render_dialogue(state["utterances"][-2:]),
}
