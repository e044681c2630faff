"""The part of a workspace that evaluates and compares runs."""

from typing import TYPE_CHECKING

from magnet.api.opened import OpenedWorkspace

if TYPE_CHECKING:
    pass


class EvaluatingWorkspace(OpenedWorkspace):
    """A workspace in which runs are evaluated."""
