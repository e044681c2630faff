"""How judges are asked, what they are to fill in, and which scores that will give."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from magnet.evals.judging.journal import Journal, ScoreKey
from magnet.evals.judging.judge_inputs import form_material, material_of
from magnet.evals.scales.files import sheets_of
from magnet.evals.scales.judge_input import Material
from magnet.evals.scales.model import Sheet
from magnet.evals.scales.prompts import Order, prompt_hash
from magnet.evals.scales.shapes import score_names
from magnet.models.settings import Settings
from magnet.store import Session

ANSWER_TOKENS = 512
"""Tokens that an answer may take, where its sheet does not allow more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """All that decides how a question is put, besides the question."""

    temperature: float | None = 0.0
    order: Order = "up"
    answer_tokens: int = ANSWER_TOKENS
    at_once: bool = False
    """Ask all about a session at once, and not the first question alone to fill a prefix cache."""


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


def manner_of(settings: Settings) -> Manner:
    """Give how judges are asked under these settings: `[sampling.judge]`."""
    sampling = settings.sampling_of("judge")
    tokens = sampling.max_tokens or ANSWER_TOKENS
    return Manner(temperature=sampling.temperature, answer_tokens=tokens)


def jobs_for(
    sessions: Sequence[Session], scales: Sequence[str], manner: Manner, *, full: bool = False
) -> list[Job]:
    """Give what judges are to fill in about sessions: forms once a client, and the sessions.

    Args:
        sessions: with transcripts.
        scales: names.
        manner: how judges are asked.
        full: also the sheets that are asked only of a full scale.

    Raises:
        ScaleError: if there is no scale of a name.
    """
    by_kind: dict[str, list[Sheet]] = defaultdict(list)
    for sheet in sheets_of(scales, full=full):
        by_kind[sheet.text.of].append(sheet)
    forms = {one.subject: one for one in (form_material(s.client.form) for s in sessions)}
    materials = {"form": list(forms.values()), "session": list(map(material_of, sessions))}
    return [
        Job(materials=materials[kind], sheets=sheets, manner=manner)
        for kind, sheets in by_kind.items()
    ]
