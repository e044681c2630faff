"""The `magnet` command: each command is a thin layer over functions that a notebook can call."""

from magnet.cli.app import main

__all__ = ["main"]
