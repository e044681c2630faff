"""Distinct-n and EAD of a run."""

from collections.abc import Iterable, Sequence

from pydantic import BaseModel, ConfigDict, computed_field

from magnet.evals.diversity.counting import ORDERS, DistinctKeys, ngram_keys
from magnet.evals.diversity.procedures import PROCEDURES, ProcedureName
from magnet.evals.diversity.tokenizers import Tokenizer


class Distinct(BaseModel):
    """So many distinct n-grams among so many n-grams."""

    model_config = ConfigDict(frozen=True)

    count: int
    of: int

    @computed_field
    @property
    def share(self) -> float:
        """Distinct-n, 0 to 1 (Li et al. 2016, arXiv 1510.03055); 0 without n-grams."""
        return self.count / self.of if self.of else 0.0


class Diversity(BaseModel):
    """The lexical diversity of a set of sessions; it falls as the set grows."""

    model_config = ConfigDict(frozen=True)

    procedure: ProcedureName
    tokenizer: str
    vocabulary_size: int
    sessions: int
    utterances: int
    ngrams: dict[int, Distinct]
    """By n; n-grams lie within one session."""

    @property
    def tokens(self) -> int:
        """All tokens, with those that the tokenizer adds by itself."""
        return self.ngrams[1].of

    @computed_field
    @property
    def ead(self) -> float:
        """Expectation-adjusted distinct; 0 without tokens."""
        return ead(self.ngrams[1].count, self.tokens, self.vocabulary_size)


def ead(distinct: int, tokens: int, vocabulary_size: int) -> float:
    """Return distinct tokens over those expected of as many draws from a uniform vocabulary.

    EAD = distinct / (V * (1 - ((V - 1) / V) ** C)) (Liu et al. 2022, arXiv 2202.13587).

    Args:
        distinct: tokens that differ.
        tokens: C, all tokens.
        vocabulary_size: V.
    """
    if not tokens:
        return 0.0
    unseen = ((vocabulary_size - 1) / vocabulary_size) ** tokens
    return distinct / (vocabulary_size * (1 - unseen))


def measure_diversity(
    sessions: Iterable[Sequence[str]], tokenizer: Tokenizer, procedure: ProcedureName = "plain"
) -> Diversity:
    """Measure the diversity of a run.

    Sessions are read one at a time, and counted exactly; what stays in memory is 8 bytes for each
    distinct n-gram.

    Args:
        sessions: for each session the texts of all its utterances, the opening pair included.
        tokenizer: gives the tokens.
        procedure: how a session becomes a text.
    """
    to_text = PROCEDURES[procedure].text
    distinct = {n: DistinctKeys() for n in ORDERS}
    total = dict.fromkeys(ORDERS, 0)
    count = utterances = 0
    for texts in sessions:
        count += 1
        utterances += len(texts)
        ids = tokenizer.encode(to_text(texts))
        for n in ORDERS:
            keys = ngram_keys(ids, n)
            distinct[n].add(keys)
            total[n] += len(keys)
    return Diversity(
        procedure=procedure,
        tokenizer=tokenizer.name,
        vocabulary_size=tokenizer.vocabulary_size,
        sessions=count,
        utterances=utterances,
        ngrams={n: Distinct(count=len(distinct[n]), of=total[n]) for n in ORDERS},
    )
