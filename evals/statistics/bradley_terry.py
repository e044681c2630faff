"""A ranking of several methods from pairwise preferences with ties.

Davidson's extension of the Bradley-Terry model (Davidson 1970, JASA 65): between methods of worth a
and b the chances of win, loss and tie are as a, b and nu * sqrt(a * b). On the log scale that is a
multinomial logit, so its likelihood has one maximum.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from math import exp, nan

import numpy as np
import numpy.typing as npt

from magnet.evals.statistics.bootstrap import Interval, expanded_level, percentiles, rows_by_cluster

Floats = npt.NDArray[np.float64]

PRIOR_SD = 3.0
"""Standard deviation of the normal prior on log worths: odds of 20 to 1 are still ordinary.

Without one a method that wins every match has an infinite worth, and in a resample of few clients
one nearly always does."""

_WIN, _LOSS, _TIE = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Match:
    """One preference between sessions of two methods with the same client and attitude."""

    client: Hashable
    first: str
    second: str
    score: float
    """Of the first: 1 preferred, 0.5 a tie, 0 the second preferred."""


@dataclass(frozen=True, slots=True)
class BradleyTerry:
    """The methods on one scale."""

    log_worths: Mapping[str, float]
    """They sum to 0; a difference of 1 is odds of e to 1 among matches without a tie."""
    nu: float
    """Davidson's tie parameter; 0 where no match was tied."""

    def win_probability(self, first: str, second: str) -> float:
        """Return the chance that the first is preferred, half of the ties counted in."""
        difference = self.log_worths[first] - self.log_worths[second]
        win, loss = exp(difference / 2), exp(-difference / 2)
        return (win + self.nu / 2) / (win + loss + self.nu)


def fit_bradley_terry(matches: Sequence[Match], *, prior_sd: float = PRIOR_SD) -> BradleyTerry:
    """Fit the model to all matches.

    Args:
        matches: of at least two methods.
        prior_sd: of the normal prior on log worths and on log nu; infinite is plain maximum
            likelihood, which must then exist (no group of methods wins all of its matches with
            the others).

    Raises:
        ValueError: if there are no matches, or a score is neither 0, 0.5 nor 1.
    """
    tally = _Tally.of(matches)
    worths, nu = _fit(tally, tally.counts.sum(axis=0), prior_sd)
    return BradleyTerry(dict(zip(tally.methods, worths.tolist(), strict=True)), nu)


def bootstrap_bradley_terry(
    matches: Sequence[Match],
    *,
    resamples: int = 1000,
    level: float = 0.95,
    seed: int = 0,
) -> dict[str, Interval]:
    """Return each method's log worth with its interval as in `cluster_bootstrap`.

    Raises:
        ValueError: as `fit_bradley_terry`.
    """
    tally = _Tally.of(matches)
    clients = len(tally.counts)
    estimates, _ = _fit(tally, tally.counts.sum(axis=0), PRIOR_SD)
    if clients < 2:
        return {
            method: Interval(float(worth), nan, nan)
            for method, worth in zip(tally.methods, estimates, strict=True)
        }
    draws = np.random.default_rng(seed).integers(clients, size=(resamples, clients))
    found = np.stack([_fit(tally, tally.counts[draw].sum(axis=0), PRIOR_SD)[0] for draw in draws])
    wider = expanded_level(level, clients)
    return {
        method: Interval(float(estimates[place]), *percentiles(found[:, place].tolist(), wider))
        for place, method in enumerate(tally.methods)
    }


@dataclass(frozen=True, slots=True)
class _Tally:
    methods: tuple[str, ...]
    pairs: npt.NDArray[np.intp]
    """Places of the two methods: (pairs, 2)."""
    counts: Floats
    """Wins of the first, wins of the second, ties: (clients, pairs, 3)."""

    @classmethod
    def of(cls, matches: Sequence[Match]) -> "_Tally":
        if not matches:
            raise ValueError("no matches to rank methods by")
        methods = sorted({name for match in matches for name in (match.first, match.second)})
        place = {name: number for number, name in enumerate(methods)}
        pairs = sorted({_sides(match, place)[0] for match in matches})
        number = {pair: at for at, pair in enumerate(pairs)}
        owners = rows_by_cluster([match.client for match in matches])
        counts = np.zeros((len(owners), len(pairs), 3))
        for client, rows in enumerate(owners):
            for row in rows:
                pair, outcome = _sides(matches[row], place)
                counts[client, number[pair], outcome] += 1
        return cls(tuple(methods), np.asarray(pairs, dtype=np.intp), counts)


def _sides(match: Match, place: Mapping[str, int]) -> tuple[tuple[int, int], int]:
    """Return the pair of methods in one order, and the outcome as that order has it."""
    outcomes = {1.0: _WIN, 0.0: _LOSS, 0.5: _TIE}
    if match.score not in outcomes:
        raise ValueError(
            f"score of {match.first} against {match.second}: {match.score}, not 0, 0.5, 1"
        )
    first, second = place[match.first], place[match.second]
    if first < second:
        return (first, second), outcomes[match.score]
    return (second, first), outcomes[1 - match.score]


def _fit(tally: _Tally, counts: Floats, prior_sd: float) -> tuple[Floats, float]:
    """Maximize the posterior: log worths that sum to 0, and nu."""
    from scipy import optimize, special

    tied = bool(counts[:, _TIE].any())
    outcomes, methods = (3 if tied else 2), len(tally.methods)
    rows = np.arange(len(tally.pairs))
    # The log of a chance, up to a constant, is linear in the parameters: (pairs, outcomes, ...).
    design = np.zeros((len(rows), 3, methods + 1))
    for side, outcome in enumerate((_WIN, _LOSS)):
        design[rows, outcome, tally.pairs[:, side]] = 1
        design[rows, _TIE, tally.pairs[:, side]] = 0.5
    design[:, _TIE, methods] = 1
    design, seen = design[:, :outcomes], counts[:, :outcomes]

    def loss(parameters: Floats) -> tuple[float, Floats]:
        log_chances = special.log_softmax(design @ parameters, axis=1)
        surplus = seen.sum(axis=1, keepdims=True) * np.exp(log_chances) - seen
        gradient = np.tensordot(surplus, design, axes=2) + parameters / prior_sd**2
        penalty = (parameters**2).sum() / (2 * prior_sd**2)
        return float(penalty - (seen * log_chances).sum()), gradient

    found = optimize.minimize(loss, np.zeros(methods + 1), jac=True, method="BFGS").x
    worths = np.asarray(found[:methods], dtype=np.float64)
    return worths - worths.mean(), float(np.exp(found[methods])) if tied else 0.0
