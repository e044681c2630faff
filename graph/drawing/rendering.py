"""A Mermaid text as a picture, by libraries that need neither network nor browser."""

import re

from magnet.graph.drawing.mermaid import BREAK

COLUMNS = 80
PAPER = "#ffffff"
# Pixels of a PNG for one unit of the SVG.
ZOOM = 2


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
    svg = _svg(text)
    width, height = _size(svg)
    # A page that shows the file as an image takes its size from here, and a dark one its color.
    svg = svg.replace('width="100%"', f'width="{width:g}" height="{height:g}"', 1)
    return svg.replace('style="', f'style="background-color:{PAPER};', 1)


def render_png(text: str) -> bytes:
    """Return the picture as a PNG file's bytes, at twice its size, on white.

    Where no font is installed, the library draws with one of its own.
    """
    import mmdr

    width, _ = _size(_svg(text))
    return mmdr.render(text).png(width=ZOOM * width, background=PAPER)


def _svg(text: str) -> str:
    import mmdr

    return mmdr.render(text).svg()


def _size(svg: str) -> tuple[float, float]:
    found = re.search(r'viewBox="\S+ \S+ (\S+) (\S+)"', svg)
    assert found is not None, "every drawing of mmdr has a viewBox"
    return float(found[1]), float(found[2])
