"""Pictures of a method's graph, or of the path that a session took through it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from magnet.graph import SessionGraph
from magnet.graph.drawing import NodeMark, Step, draw
from magnet.state.errors import BadUseError


@dataclass(frozen=True, slots=True, repr=False)
class GraphPicture:
    """A drawing of a graph in every form; a notebook shows it as SVG. No network is needed."""

    graph: SessionGraph
    """LangGraph's compiled graph that is drawn."""
    marks: Mapping[str, NodeMark] = field(default_factory=dict[str, NodeMark])
    """What a session did at each node; empty for a method alone."""
    taken: frozenset[Step] | None = None
    """The edges that a session went along; None for a method alone."""

    @property
    def mermaid(self) -> str:
        """The graph as Mermaid text."""
        return draw(self.graph, "mermaid", marks=self.marks, taken=self.taken)

    @property
    def text(self) -> str:
        """The graph as a drawing of characters, at most 80 columns wide."""
        return draw(self.graph, "ascii", marks=self.marks, taken=self.taken)

    @property
    def svg(self) -> str:
        """The graph as an SVG picture."""
        return draw(self.graph, "svg", marks=self.marks, taken=self.taken)

    @property
    def png(self) -> bytes:
        """The graph as a PNG picture."""
        return draw(self.graph, "png", marks=self.marks, taken=self.taken)

    def save(self, path: str | Path) -> Path:
        """Write the picture in the form that the name of the file ends in.

        Args:
            path: A file that ends in .svg, .png, .mmd (Mermaid) or .txt.

        Returns:
            The file.

        Raises:
            BadUseError: If the name ends otherwise, or the file cannot be written.
        """
        file = Path(path)
        forms = {".svg": "svg", ".png": "png", ".mmd": "mermaid", ".txt": "text"}
        form = forms.get(file.suffix.lower())
        if form is None:
            raise BadUseError(f"{file}: expected a name that ends in {', '.join(forms)}")
        data: str | bytes = getattr(self, form)
        try:
            file.write_bytes(data if isinstance(data, bytes) else data.encode())
        except OSError as error:
            raise BadUseError(f"{file}: cannot be written ({error.strerror or error})") from error
        return file

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.graph.name!r})"

    def _repr_svg_(self) -> str:
        return self.svg
