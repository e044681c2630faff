"""The generated pages of docs/ say what the code says."""

import subprocess
import sys

import pytest

import magnet
from tests.test_imports import ROOT


@pytest.mark.slow
def test_reference_pages_are_those_that_would_be_generated_now():
    command = [sys.executable, "docs/reference.py", "--check"]
    checked = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert checked.returncode == 0, checked.stderr


def test_the_api_page_describes_every_public_name():
    page = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    missing = [name for name in magnet.__all__ if f"\n## `{name}`\n" not in page]
    assert missing == []
