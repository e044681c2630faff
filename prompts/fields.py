"""What an agent may see of a session, by name; a prompt is filled in from its agent's sights alone.

Which agent sees what: MAGneT, arXiv 2509.04183, section 3. The whole intake form is the client's
own; the counselor's agents see client information and reason. No agent sees an imported seed's
`ground_truth_CBT`.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial

from magnet.state import (
    END_MARK,
    CbtTechnique,
    SessionState,
    TechniqueName,
    Techniques,
    Utterance,
    candidates_of,
    current_exchange,
    selection_of,
)


class PromptField(StrEnum):
    """One thing that a prompt may show; what a director says comes from its parts besides."""

    CLIENT_INFORMATION = "client_information"
    REASON = "reason"
    INTAKE = "intake"
    ATTITUDE = "attitude"
    CLIENT_STATEMENT = "client_statement"
    PLAN = "plan"
    DIALOGUE = "dialogue"
    CANDIDATES = "candidates"
    TECHNIQUES = "techniques"
    HEARD = "heard"
    CHOSEN_DRAFTS = "chosen_drafts"
    OTHER_DRAFTS = "other_drafts"


# Fixed for a whole session once they are there: these stand before the dialogue, where a prefix
# cache finds them again.
STATIC: frozenset[str] = frozenset(
    {
        PromptField.CLIENT_INFORMATION,
        PromptField.REASON,
        PromptField.INTAKE,
        PromptField.ATTITUDE,
        PromptField.CLIENT_STATEMENT,
        PromptField.PLAN,
        "may_end",
    }
)

CONSTANTS: Mapping[str, str] = {
    "end_mark": END_MARK,
    "cbt_techniques": "\n".join(f"- {technique}" for technique in CbtTechnique),
}

_NAMES = frozenset(prompt_field.value for prompt_field in PromptField)

OF_METHOD = frozenset(
    {"method_techniques", "comforting_techniques", "technique_count", "Technique_count"}
)
"""What the method's techniques decide; filled in when a book is made for a method."""

_NUMBERS = (
    *("zero", "one", "two", "three", "four", "five", "six"),
    *("seven", "eight", "nine", "ten", "eleven", "twelve"),
)


def words_for(techniques: Techniques) -> dict[str, str]:
    """Return the words for `OF_METHOD`: what is offered, a line each, and how many that is."""
    count = len(techniques)
    number = _NUMBERS[count] if count < len(_NUMBERS) else str(count)
    comforting = [name for name, one in techniques.items() if one.comforts] or [*techniques]
    return {
        "method_techniques": "\n".join(f"- {name}: {one.does}" for name, one in techniques.items()),
        "comforting_techniques": " or ".join(comforting),
        "technique_count": number,
        "Technique_count": number.capitalize(),
    }


def render_dialogue(utterances: Iterable[Utterance]) -> str:
    """Return the dialogue as text, an utterance a line, each with its speaker."""
    return "\n".join(f"{u.speaker.value.capitalize()}: {u.text}" for u in utterances)


def _plan(state: SessionState) -> str:
    if "plan" not in state:
        raise ValueError("a prompt shows the plan, but the method makes none")
    return state["plan"].plan.text


def _candidates(state: SessionState) -> str:
    """Return the drafts, a line each; where there was a choice, the chosen ones come first."""
    exchange = current_exchange(state)
    selection = selection_of(state, exchange)
    chosen = selection.techniques if selection else ()
    drafts = sorted(candidates_of(state, exchange), key=lambda d: d.technique not in chosen)
    return "\n".join(
        f"{draft.technique}{' (chosen)' if draft.technique in chosen else ''}: {draft.text}"
        for draft in drafts
    )


def _chosen(state: SessionState) -> Sequence[TechniqueName]:
    selection = selection_of(state, current_exchange(state))
    if selection is None:
        raise ValueError("a prompt shows what was chosen, but the method has no selector")
    return selection.techniques


def _drafts(state: SessionState, *, chosen: bool) -> str:
    """Return the drafts that were chosen, or the others, a line each, without their techniques."""
    techniques, drafts = _chosen(state), candidates_of(state, current_exchange(state))
    return "\n".join(
        f"- {draft.text}" for draft in drafts if (draft.technique in techniques) is chosen
    )


_VALUES: Mapping[PromptField, Callable[[SessionState], str]] = {
    PromptField.CLIENT_INFORMATION: lambda state: state["client"].form.client_information,
    PromptField.REASON: lambda state: state["client"].form.reason,
    PromptField.INTAKE: lambda state: state["client"].form.full_text,
    PromptField.ATTITUDE: lambda state: state["client"].attitude.value,
    PromptField.CLIENT_STATEMENT: lambda state: state["client"].opening.client,
    PromptField.PLAN: _plan,
    PromptField.DIALOGUE: lambda state: render_dialogue(state["utterances"]),
    PromptField.CANDIDATES: _candidates,
    PromptField.TECHNIQUES: lambda state: ", ".join(_chosen(state)),
    PromptField.HEARD: lambda state: state["utterances"][-1].text,
    PromptField.CHOSEN_DRAFTS: partial(_drafts, chosen=True),
    PromptField.OTHER_DRAFTS: partial(_drafts, chosen=False),
}


def is_directed(name: str) -> bool:
    """Return whether what a prompt sees is the director's: its parts give the words."""
    return name not in _NAMES


@dataclass(frozen=True, slots=True)
class _Beside:
    prompt_fields: frozenset[str]
    value: Callable[[SessionState], str]


# What may be used besides, by a prompt with one of these sights.
_BESIDE: Mapping[str, _Beside] = {
    "name": _Beside(
        frozenset({PromptField.CLIENT_INFORMATION, PromptField.INTAKE, "last_exchange", "mood"}),
        lambda state: state["client"].form.first_name,
    ),
    "speaker": _Beside(
        frozenset({PromptField.HEARD}), lambda state: state["utterances"][-1].speaker.value
    ),
}


def variables_of(sees: Iterable[str]) -> frozenset[str]:
    """Return the names that a prompt with these sights may use."""
    seen = frozenset(sees)
    beside = {name for name, one in _BESIDE.items() if seen & one.prompt_fields}
    return seen | CONSTANTS.keys() | OF_METHOD | beside


def look(state: SessionState, sees: Iterable[str]) -> dict[str, str]:
    """Return the values of what an agent sees, and nothing else; without what the director says.

    Raises:
        ValueError: if the session lacks what the prompt shows.
    """
    seen = tuple(sees)
    values = {name: _VALUES[PromptField(name)](state) for name in seen if not is_directed(name)}
    beside = {
        name: one.value(state) for name, one in _BESIDE.items() if one.prompt_fields & {*seen}
    }
    return {**CONSTANTS, **values, **beside}
