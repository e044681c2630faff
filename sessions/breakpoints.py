"""Where a session is to stop: before which nodes, and under what condition."""

import ast
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from magnet.graph import Method
from magnet.state import SessionState, selection_of, total_usage
from magnet.state.errors import BadUseError, Extra, Option
from magnet.state.text import words

ANY = "*"
Nodes = Literal["*"] | Sequence[str]


class BreakpointError(BadUseError):
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
        "flags": list(last.provenance.flags) if last.provenance else [],
        "techniques": list(chosen.techniques) if chosen else [],
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
        """Return whether to stop here, before one of some nodes.

        Raises:
            BreakpointError: if the condition does not fit what it is about.
        """
        return not self.when or any(_holds(self.when, _values(state, node)) for node in nodes)


def make_stop(method: Method, at: Sequence[str], when: str) -> Stop | None:
    """Make the breakpoint of its options; none without any.

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
            f"{{stop_at}}: method {method.name} has no such node; it has "
            f"{', '.join(method.agents)}",
            stop_at=Option("stop_at", unknown[0]),
        )
    if when:
        _check(when)
    return Stop(before=tuple(at) or ANY, when=when) if at or when else None


_EXAMPLE: Mapping[str, Any] = dict.fromkeys(("turn", "exchange", "words", "calls", "tokens"), 1) | {
    **dict.fromkeys(("node", "speaker", "text", "attitude"), ""),
    **dict.fromkeys(("flags", "techniques"), ()),
}
_FUNCTIONS = {"len": len}


def _check(condition: str) -> None:
    """Refuse a condition that speaks of what there is not, wherever in it.

    Raises:
        BreakpointError: if it does, or cannot be read.
    """
    _holds(condition, _EXAMPLE)
    # What follows an `and` or `or` may not have been evaluated.
    for node in ast.walk(ast.parse(condition.strip())):
        if isinstance(node, ast.Name) and node.id not in (*NAMES, *_FUNCTIONS):
            raise _unfit(condition, f"{node.id!r} is not defined")


def _holds(condition: str, values: Mapping[str, Any]) -> bool:
    """Return whether a condition is met; one about an item that is not there is not."""
    try:
        from simpleeval import InvalidExpression, SimpleEval
    except ImportError as error:
        raise BreakpointError(
            "a condition to stop at needs the package simpleeval, which is not installed: "
            "{install}",
            install=Extra("debug"),
        ) from error
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # such as one = for two
            evaluate: Any = SimpleEval(names=dict(values), functions=_FUNCTIONS)
            return bool(evaluate.eval(condition))
    except (LookupError, ArithmeticError):
        return False  # the first technique of none, a share of nothing
    except (InvalidExpression, SyntaxError, TypeError, ValueError, Warning) as error:
        raise _unfit(condition, str(error)) from error


def _unfit(condition: str, reason: str) -> BreakpointError:
    return BreakpointError(
        f"{{stop_when}}: {reason}. Expected a condition over {', '.join(NAMES)}, "
        "such as turn == 10, or 'solutions' in techniques",
        stop_when=Option("stop_when", condition),
    )
