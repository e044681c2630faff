"""Comparing the diversity of runs at equal numbers of tokens.

Distinct-n falls as a run grows, so runs of different sizes are compared on random parts of the same
size. The parts are drawn without replacement, client by client: a session drawn twice would repeat
itself and look less diverse than it is.
"""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import nan, sqrt
from random import Random

import numpy as np
import numpy.typing as npt

from magnet.evals.diversity.counting import ORDERS, ngram_keys
from magnet.evals.diversity.errors import DiversityError
from magnet.evals.diversity.measure import ead
from magnet.evals.diversity.procedures import PROCEDURES, ProcedureName
from magnet.evals.diversity.tokenizers import Tokenizer
from magnet.evals.statistics.bootstrap import Interval, percentiles

Floats = npt.NDArray[np.float64]
ClientSession = tuple[Hashable, Sequence[str]]
"""Whose session it is, and the texts of all its utterances."""

MEASURES = (*(f"Distinct-{n}" for n in ORDERS), "EAD")


@dataclass(frozen=True, slots=True)
class DiversityComparison:
    """The diversity of runs at one number of tokens, by measure (see `MEASURES`)."""

    tokens: int
    runs: Mapping[str, Mapping[str, Interval]]
    differences: Mapping[str, Mapping[str, Interval]]
    """Of each run after the first: the first's less its own."""


def compare_diversity(
    runs: Mapping[str, Iterable[ClientSession]],
    tokenizer: Tokenizer,
    procedure: ProcedureName = "plain",
    *,
    tokens: int | None = None,
    resamples: int = 500,
    level: float = 0.95,
    seed: int = 0,
) -> DiversityComparison:
    """Compare runs on parts of equally many tokens.

    Each part takes clients in a random order, the same order in every run, with all their sessions
    until it has its tokens; the last session is cut. A run's estimate is the mean over its parts.
    Its interval comes from how the parts differ, scaled for their share of the run (the delete-d
    jackknife: Shao and Wu 1989, Annals of Statistics 17; Politis, Romano and Wolf 1999, chapter 2).

    Args:
        runs: by name; the first is compared with each of the others.
        tokenizer: gives the tokens.
        procedure: how a session becomes a text.
        tokens: of a part; by default half of the smallest run's.
        resamples: how many parts are drawn.
        level: of the intervals.
        seed: of the parts.

    Returns:
        The comparison. A run of one client, or that a part takes whole, has no interval: its bounds
        are NaN.

    Raises:
        DiversityError: if a run has fewer tokens than a part, or there is nothing to compare.
    """
    encoded = {name: _Run.of(sessions, tokenizer, procedure) for name, sessions in runs.items()}
    size = _part_size(encoded, tokens)
    clients = list(dict.fromkeys(client for run in encoded.values() for client in run.clients))
    generator = Random(seed)
    orders = [generator.sample(clients, len(clients)) for _ in range(resamples)]
    drawn: dict[str, Floats] = {}
    for name, run in encoded.items():
        parts = [run.part(order, size) for order in orders]
        drawn[name] = np.asarray([_measures(part, size, tokenizer) for part in parts])
    means = {name: found.mean(axis=0) for name, found in drawn.items()}
    spreads = {
        name: (found - means[name]) * _scale(size, encoded[name]) for name, found in drawn.items()
    }
    first = next(iter(drawn))
    others = [name for name in drawn if name != first]
    return DiversityComparison(
        tokens=size,
        runs={name: _intervals(means[name], spreads[name], level) for name in drawn},
        differences={
            name: _intervals(means[first] - means[name], spreads[first] - spreads[name], level)
            for name in others
        },
    )


@dataclass(frozen=True, slots=True)
class _Run:
    """A run's n-grams, numbered from 0 for each n."""

    clients: Mapping[Hashable, Sequence[int]]
    """The places of a client's sessions."""
    lengths: Sequence[int]
    """Tokens of each session."""
    ngrams: Mapping[int, Sequence[npt.NDArray[np.uint32]]]
    """By n, the numbers of each session's n-grams in order."""
    distinct: Mapping[int, int]

    @classmethod
    def of(
        cls, sessions: Iterable[ClientSession], tokenizer: Tokenizer, procedure: ProcedureName
    ) -> "_Run":
        to_text = PROCEDURES[procedure].text
        clients: dict[Hashable, list[int]] = {}
        ids: list[Sequence[int]] = []
        for place, (client, texts) in enumerate(sessions):
            clients.setdefault(client, []).append(place)
            ids.append(tokenizer.encode(to_text(texts)))
        ngrams: dict[int, Sequence[npt.NDArray[np.uint32]]] = {}
        distinct: dict[int, int] = {}
        for n in ORDERS:
            keys = [ngram_keys(session, n) for session in ids]
            known, numbers = np.unique(
                np.concatenate([*keys, ngram_keys([], n)]), return_inverse=True
            )
            distinct[n] = len(known)
            ngrams[n] = np.split(numbers.astype(np.uint32), np.cumsum([len(k) for k in keys])[:-1])
        return cls(clients, [len(session) for session in ids], ngrams, distinct)

    @property
    def tokens(self) -> int:
        return sum(self.lengths)

    def part(self, order: Sequence[Hashable], tokens: int) -> dict[int, tuple[int, int]]:
        """Return distinct and all n-grams, by n, of the first `tokens` tokens in this order."""
        taken: list[tuple[int, int]] = []
        for place in (place for client in order for place in self.clients.get(client, ())):
            length = min(self.lengths[place], tokens)
            tokens -= length
            taken.append((place, length))
            if not tokens:
                break
        counted: dict[int, tuple[int, int]] = {}
        for n in ORDERS:
            seen = np.zeros(self.distinct[n], dtype=np.bool_)
            total = 0
            for place, length in taken:
                there = self.ngrams[n][place][: max(length - n + 1, 0)]
                seen[there] = True
                total += len(there)
            counted[n] = int(np.count_nonzero(seen)), total
        return counted


def _part_size(runs: Mapping[str, _Run], tokens: int | None) -> int:
    if not runs:
        raise DiversityError("no runs to compare")
    smallest = min(runs, key=lambda name: runs[name].tokens)
    there = runs[smallest].tokens
    size = there // 2 if tokens is None else tokens
    if not 0 < size <= there:
        raise DiversityError(
            f"run {smallest} has {there} tokens; expected a part of 1 to {there}, got {size}"
        )
    return size


def _measures(
    counted: Mapping[int, tuple[int, int]], size: int, tokenizer: Tokenizer
) -> list[float]:
    shares = [distinct / total if total else 0.0 for distinct, total in counted.values()]
    return [*shares, ead(counted[1][0], size, tokenizer.vocabulary_size)]


def _scale(part: int, run: _Run) -> float:
    """Turn the spread of parts into that of the estimate: parts of half a run need no scaling."""
    rest = run.tokens - part
    return sqrt(part / rest) if rest and len(run.clients) > 1 else nan


def _intervals(mean: Floats, spread: Floats, level: float) -> dict[str, Interval]:
    found: dict[str, Interval] = {}
    for place, measure in enumerate(MEASURES):
        low, high = percentiles(spread[:, place].tolist(), level)
        estimate = float(mean[place])
        found[measure] = Interval(estimate, estimate + low, estimate + high)
    return found
