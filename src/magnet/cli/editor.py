"""Editing a text in the user's own editor."""

import os
import shlex
import subprocess
import tempfile
from pathlib import Path

from magnet.models.settings import SettingsError


def edit_text(text: str, suffix: str) -> str:
    """Let the user change a text in $VISUAL, or $EDITOR, or vi; give it as it was saved.

    Raises:
        SettingsError: if the editor cannot be started, or fails.
    """
    editor = os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"value{suffix}")
        path.write_text(text, encoding="utf-8")
        try:
            subprocess.run([*shlex.split(editor), str(path)], check=True)
        except (OSError, ValueError, subprocess.CalledProcessError) as error:
            raise SettingsError(
                f"the editor {editor!r} did not work: {error}. Set EDITOR to another one, or give "
                "the value after the key"
            ) from error
        return path.read_text(encoding="utf-8")
