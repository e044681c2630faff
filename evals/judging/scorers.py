"""A sheet as an Inspect scorer: a value for each item, and what the judge said to it."""

from math import nan

from inspect_ai.model import Model, get_model
from inspect_ai.scorer import Score, Scorer, Target, mean, scorer
from inspect_ai.solver import TaskState
from inspect_ai.util import collect
from pydantic import TypeAdapter

from magnet.evals.judging.asking import ask
from magnet.evals.judging.config import Manner
from magnet.evals.scales.judge_input import Material
from magnet.evals.scales.measures import sample_values
from magnet.evals.scales.model import Sheet
from magnet.evals.scales.shapes import questions
from magnet.store.scores import ItemScore

MATERIAL = "material"
"""Where a sample's metadata holds what is judged."""
PROVIDER = "magnet"
"""The Inspect provider that answers for every SPEC; see `magnet.evals.judging.inspect_api`."""

SCORES = TypeAdapter(tuple[ItemScore, ...])


def judge_of(model: Model) -> str:
    """Give the SPEC of an Inspect model: `magnet/vllm:NAME` is `vllm:NAME`, as `vllm/NAME` is."""
    provider, _, name = str(model).partition("/")
    return name if provider == PROVIDER else f"{provider}:{name}"


def sheet_scorer(sheet: Sheet, manner: Manner) -> Scorer:
    """Make the scorer of a sheet. A missing score is NaN, which Inspect leaves out of means."""

    @scorer(metrics={"*": [mean()]}, name=sheet.name)
    def judged() -> Scorer:
        async def score(state: TaskState, target: Target) -> Score:
            material = Material.model_validate(state.metadata[MATERIAL])
            scores = await _fill_in(sheet, material, state.epoch, manner)
            values = sample_values(sheet, material, scores)
            return Score(
                value={name: nan if value is None else value for name, value in values.items()},
                explanation="\n\n".join(map(_explain, scores)) or "It is asked nothing here.",
                metadata={"scores": SCORES.dump_python(scores, mode="json")},
            )

        return score

    return judged()


async def _fill_in(
    sheet: Sheet, material: Material, sample: int, manner: Manner
) -> tuple[ItemScore, ...]:
    model = get_model()
    judge = judge_of(model)
    asked = questions(sheet, material)
    # The first computes what the calls share; the others find it in the server's prefix cache.
    alone = 0 if manner.at_once else 1
    answers = [await ask(one, model, judge, sample, manner) for one in asked[:alone]]
    answers += await collect(*(ask(one, model, judge, sample, manner) for one in asked[alone:]))
    return tuple(score for answer in answers for score in answer)


def _explain(score: ItemScore) -> str:
    value = "missing" if score.value is None else f"{score.value:g}"
    proofs = "".join(f'\n[{p.utterance + 1}] "{p.quote}" {p.reason}' for p in score.evidence)
    return f"{score.item}: {value}. {score.reason}{proofs}"
