"""A model that says nothing: the session fails with the reason, and can be resumed."""

from magnet.state import Call
from magnet.state.answer_text import without_reasoning
from magnet.state.errors import MagnetError, Setting


class NothingSaidError(MagnetError):
    """No answer of a model held anything that could be kept."""


def nothing_said(call: Call, answers: int) -> NothingSaidError:
    """Return the error of an agent whose last answers all said nothing.

    Args:
        call: The best of them.
        answers: How many there were.
    """
    why, remedy = _reason(call)
    return NothingSaidError(
        f"{call.node} of exchange {call.exchange}: {call.model} said nothing in {answers} answers: "
        f"{why}. {remedy}, then resume the session",
        limit=Setting(f"sampling.{call.role}.max_tokens"),
        thinking=Setting(f"providers.{call.model.partition(':')[0]}.extra_body"),
    )


def _reason(call: Call) -> tuple[str, str]:
    finish, text = call.finish_reason or "", call.text or ""
    thought = bool(text.strip()) and not without_reasoning(text).strip()
    if finish.startswith("refusal"):
        return f"it refused ({finish.partition(': ')[2]})", "Use another model"
    if finish == "content_filter":
        return "its endpoint's filter withheld the answer", "Use another model or endpoint"
    if thought and finish == "length":
        return (
            "the token limit cut it off inside its thinking",
            "Raise {limit} in magnet.toml, or switch its thinking off with {thinking}",
        )
    if thought:
        return "it thought and did not answer", "Switch its thinking off with {thinking}"
    if finish == "length":
        return "the token limit left no room for an answer", "Raise {limit} in magnet.toml"
    return "its answers are empty", "Look at the endpoint's log, or use another model"
