"""An export format: sessions as a screenplay, all in one text file.

`OneFile` is given all sessions and a path to write to; it never meets half of a file, since the
export moves it into its place when it is whole, and writes the dataset card beside it. A folder
with a file for each session is a `FilePerSession`; a format that can be imported has a `Reader`.
"""

from collections.abc import Sequence
from pathlib import Path

from magnet.store import Session
from magnet.store.formats import Format, OneFile


def _scene(number: int, session: Session) -> str:
    lines = [f"{said.speaker.value.upper()}\n{said.text}" for said in session.utterances]
    return "\n\n".join([f"SCENE {number}. {session.client.form.name}.", *lines])


def write(sessions: Sequence[Session], path: Path) -> None:
    """Write the scenes, one session each, in the order of the export."""
    scenes = (_scene(number, session) for number, session in enumerate(sessions, 1))
    path.write_text("\n\n\n".join(scenes) + "\n", encoding="utf-8")


SCREENPLAY = Format(
    help="all sessions in one text, to be read aloud",
    write=OneFile("sessions.txt", write),
)
