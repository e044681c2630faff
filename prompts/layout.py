"""The order in which a prompt shows what it shows."""

from typing import Literal

Layout = Literal["shared-first", "paper"]
