"""Fixtures of this room's tests."""

from tests.databases import url

__all__ = ["url"]
