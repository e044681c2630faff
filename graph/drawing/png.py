"""An SVG drawing as pixels, with a font that the package brings, so that no system font counts."""

from importlib.resources import as_file, files

ZOOM = 2.0
FONTS = ("SourceSansPro-Regular.ttf", "SourceSansPro-Semibold.ttf")


def rasterize(svg: str) -> bytes:
    """Render an SVG file's text to a PNG file's bytes, at twice its size, in light colors."""
    import resvg_py

    with as_file(files("font_source_sans_pro") / "files") as folder:
        return resvg_py.svg_to_bytes(
            svg_string=svg,
            zoom=ZOOM,
            skip_system_fonts=True,
            font_files=[str(folder / font) for font in FONTS],
            sans_serif_family="Source Sans Pro",
        )
