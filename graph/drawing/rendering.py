"""A Mermaid text as a picture, by libraries that need neither network nor browser."""

import re

from magnet.graph.drawing.mermaid import BREAK, FONTS
from magnet.state.errors import MagnetError

COLUMNS = 80
PAPER = "#ffffff"
# Pixels of a PNG for one unit of the SVG.
ZOOM = 2


class FontError(MagnetError):
    """No font is installed, so a PNG would hold boxes without text."""


def render_ascii(text: str) -> str:
    """Return the picture in plain ASCII characters, at most 80 to a line where it can be."""
    import termaid

    return termaid.render(
        text.replace(BREAK, r"\n"),
        use_ascii=True,
        padding_x=4,
        padding_y=0,
        gap=2,
        max_label_width=COLUMNS,
    )


def render_svg(text: str) -> str:
    """Return the picture as an SVG file's text, on white: no scripts, no fonts to load."""
    import mmdr

    return mmdr.render(text).svg().replace('style="', f'style="background-color:{PAPER};', 1)


def render_png(text: str) -> bytes:
    """Return the picture as a PNG file's bytes, at twice its size, on white.

    Raises:
        FontError: no font is installed.
    """
    import mmdr
    import novasvg.fonts

    if novasvg.fonts.get_font_face_for_family_stack(FONTS).is_null():
        raise FontError(
            "a PNG needs a font and none is installed here. Install one, such as DejaVu Sans, or "
            "ask for an SVG"
        )
    drawing = mmdr.render(text)
    _, _, width, _ = re.findall(r'viewBox="(\S+) (\S+) (\S+) (\S+)"', drawing.svg())[0]
    return drawing.png(width=ZOOM * float(width), background=PAPER)
