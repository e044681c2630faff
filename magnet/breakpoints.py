"""Where a session is to stop: before which nodes, and under what condition."""

import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from simpleeval import InvalidExpression, SimpleEval

from graph import Method
from state import SessionState, selection_of, total_usage
from state.text import words

ANY = "*"
Nodes = Literal["*"] | Sequence[str]


class BreakpointError(ValueError):
    """A breakpoint that names no node of the method, or a condition that cannot be read."""


def _values(state: SessionState, node: str) -> dict[str, Any]:
    last = state["utterances"][-1]
    chosen = selection_of(state, last.exchange)
    calls, usage = total_usage(state)
    return {
        "node": node,
        "turn": last.turn,
        "exchange": last.exchange,
        "speaker": last.speaker.value,
        "text": last.text,
        "words": len(words(last.text)),
        "flags": list(last.making.flags) if last.making else [],
        "techniques": [technique.value for technique in chosen.techniques] if chosen else [],
        "attitude": state["client"].attitude.value,
        "calls": calls,
        "tokens": usage.prompt + usage.completion,
    }


NAMES = (
    *("node", "turn", "exchange", "speaker", "text", "words", "flags"),
    *("techniques", "attitude", "calls", "tokens"),
)
"""What a condition can speak of; all but `node` and `attitude` are of the newest utterance."""


@dataclass(frozen=True, slots=True)
class Stop:
    """A place to stop at; a session stopped there can be resumed."""

    before: Nodes = ()
    after: Nodes = ()
    when: str = ""

    def reached(self, state: SessionState, nodes: Iterable[str]) -> bool:
        """Tell whether to stop here, before one of some nodes.

        Raises:
            BreakpointError: if the condition does not fit what it is about.
        """
        return not self.when or any(_holds(self.when, _values(state, node)) for node in nodes)


def make_stop(method: Method, at: Sequence[str], when: str) -> Stop | None:
    """Make the breakpoint of a command's flags; none without any.

    Args:
        method: whose nodes can be named.
        at: nodes to stop before; with a condition alone, every node.
        when: a condition over `NAMES`, such as `turn == 10 and attitude == 'negative'`.

    Raises:
        BreakpointError: if a node or the condition cannot be used.
    """
    unknown = [name for name in at if name not in method.agents]
    if unknown:
        raise BreakpointError(
            f"--stop-at {unknown[0]}: method {method.name} has no such node; it has "
            f"{', '.join(method.agents)}"
        )
    if when:
        _holds(when, _EXAMPLE)
    return Stop(before=tuple(at) or ANY, when=when) if at or when else None


_EXAMPLE: Mapping[str, Any] = dict.fromkeys(("turn", "exchange", "words", "calls", "tokens"), 1) | {
    **dict.fromkeys(("node", "speaker", "text", "attitude"), ""),
    **dict.fromkeys(("flags", "techniques"), ()),
}


def _holds(condition: str, values: Mapping[str, Any]) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # such as one = for two
            evaluate: Any = SimpleEval(names=dict(values), functions={"len": len})
            return bool(evaluate.eval(condition))
    except (InvalidExpression, SyntaxError, TypeError, ValueError, Warning) as error:
        raise BreakpointError(
            f"--stop-when {condition!r}: {error}. Expected a condition over {', '.join(NAMES)}, "
            "such as turn == 10, or 'solutions' in techniques"
        ) from error
