"""The method table and the LangGraph state machine that is built from a row of it."""

from typing import TYPE_CHECKING

from magnet.state.lazy import lazily

if TYPE_CHECKING:
    from magnet.graph.builder import Begin, SessionGraph, build_graph, nodes_of, super_steps
    from magnet.graph.methods import Method, MethodError, load_methods, pick_method
else:
    __getattr__ = lazily(
        __name__,
        {
            "builder": ["Begin", "SessionGraph", "build_graph", "nodes_of", "super_steps"],
            "methods": ["Method", "MethodError", "load_methods", "pick_method"],
        },
    )

__all__ = [
    "Begin",
    "Method",
    "MethodError",
    "SessionGraph",
    "build_graph",
    "load_methods",
    "nodes_of",
    "pick_method",
    "super_steps",
]
