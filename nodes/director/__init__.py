"""The director: what each exchange is for, decided before it is played. See `docs/director.md`."""

from magnet.nodes.director.directing import director
from magnet.nodes.director.feelings import feelings
from magnet.nodes.director.planning import deliberate_planner

__all__ = ["deliberate_planner", "director", "feelings"]
