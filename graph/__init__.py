"""The method table and the LangGraph state machine that is built from a row of it."""

from graph.builder import Begin, SessionGraph, build_graph, super_steps
from graph.methods import Method, MethodError, load_methods, pick_method

__all__ = [
    "Begin",
    "Method",
    "MethodError",
    "SessionGraph",
    "build_graph",
    "load_methods",
    "pick_method",
    "super_steps",
]
