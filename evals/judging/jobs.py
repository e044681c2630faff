"""What judges are to fill in, and which scores that will give."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from magnet.evals.judging.config import Manner
from magnet.evals.judging.journal import Journal, ScoreKey
from magnet.evals.scales.judge_input import Material
from magnet.evals.scales.model import Sheet
from magnet.evals.scales.prompts import prompt_hash
from magnet.evals.scales.shapes import score_names


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """Sheets to fill in about each of some materials."""

    materials: Sequence[Material]
    sheets: Sequence[Sheet]
    manner: Manner

    def keys(self, material: Material, judge: str, samples: int) -> Iterator[ScoreKey]:
        """Give what identifies the scores that a judge will give to one material."""
        for sheet in self.sheets:
            version = prompt_hash(sheet, self.manner.temperature, self.manner.order)
            for item in score_names(sheet, material):
                for sample in range(1, samples + 1):
                    yield ScoreKey(material.subject, sheet.name, item, judge, sample, version)

    def missing(self, judge: str, samples: int, journal: Journal) -> int:
        """Count the scores of a judge that are not there."""
        return sum(
            journal.find(key) is None
            for material in self.materials
            for key in self.keys(material, judge, samples)
        )

    def left(self, judge: str, samples: int, journal: Journal) -> "Job":
        """Give what is left of it for a judge: the materials that are not wholly scored."""
        return replace(
            self,
            materials=[
                material
                for material in self.materials
                if any(journal.find(key) is None for key in self.keys(material, judge, samples))
            ],
        )
