"""The director: what each exchange is for, decided before it is played. See `docs/director.md`."""

from nodes.director.directing import director
from nodes.director.feelings import feelings
from nodes.director.planning import deliberate_planner

__all__ = ["deliberate_planner", "director", "feelings"]
