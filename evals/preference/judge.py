"""A judge model's preference: asked for until it can be read, else counted as missing."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from langchain_core.exceptions import ContextOverflowError
from langchain_core.language_models import BaseChatModel
from pydantic import JsonValue, ValidationError

from magnet.evals.preference.aspects import Aspect
from magnet.evals.preference.prompt import PreferenceAnswer, instrument, preference_messages
from magnet.state.answer_text import json_in
from magnet.state.call import derive_seed
from magnet.store.preferences import Preference, RaterKind, Verdict
from magnet.store.records import Session

TRIES = 3
"""Times that a judge is asked before its answer counts as missing."""

_VERDICTS: Mapping[str, Verdict] = {
    "1": Verdict.FIRST,
    "2": Verdict.SECOND,
    "tie": Verdict.TIE,
}
_SCHEMA: Mapping[str, Any] = {
    "type": "json_schema",
    "json_schema": {
        "name": PreferenceAnswer.__name__,
        "schema": PreferenceAnswer.model_json_schema(),
        "strict": True,
    },
}


@dataclass(frozen=True, slots=True)
class Judge:
    """A model that judges, and the name that its verdicts are stored under."""

    model_id: str
    sampling: Mapping[str, JsonValue]
    model: BaseChatModel

    def instrument(self, aspect: Aspect) -> str:
        """Return the hash of all that decides what it is asked about an aspect."""
        return instrument(aspect, self.sampling)


async def ask_preference(
    judge: Judge, first: Session, second: Session, aspect: Aspect, *, seed: int
) -> Preference:
    """Ask a judge which of two sessions is better in one respect, in this order.

    Args:
        judge: who is asked.
        first: the session that it reads first.
        second: one with the same client.
        aspect: the respect.
        seed: the same seed asks with the same seeds again.

    Returns:
        The verdict; a missing one, with the reason, if the two sessions do not fit into the model's
        context or no answer of `TRIES` could be read.

    Raises:
        openai.OpenAIError: if the endpoint does not answer, or refuses.
    """
    verdict, reason = await _verdict(judge.model, first, second, aspect, seed)
    return Preference(
        first=first.id,
        second=second.id,
        aspect=aspect.id,
        kind=RaterKind.JUDGE,
        rater=judge.model_id,
        instrument=judge.instrument(aspect),
        verdict=verdict,
        reason=reason,
    )


async def _verdict(
    model: BaseChatModel, first: Session, second: Session, aspect: Aspect, seed: int
) -> tuple[Verdict | None, str]:
    problem = ""
    for attempt in range(TRIES):
        place = (first.id, second.id, aspect.id, attempt)
        try:
            answer = await model.ainvoke(
                preference_messages(first, second, aspect, problem=problem),
                None,
                seed=derive_seed(seed, *place),
                response_format=_SCHEMA,
            )
        except ContextOverflowError:
            return None, "the two sessions do not fit into the judge's context"
        verdict, said = _read(answer.text)
        if verdict is not None:
            return verdict, said
        problem = said
    return None, f"{TRIES} answers that could not be read; {problem}"


def _read(text: str) -> tuple[Verdict | None, str]:
    """Return the verdict with its reason; or none, with what is wrong with the answer."""
    try:
        answer = PreferenceAnswer.model_validate_json(json_in(text))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"])) or "the answer"
        return None, f"{place}: {first['msg']}"
    # No database holds NUL as text.
    return _VERDICTS[answer.better], answer.reason.replace("\0", "")
