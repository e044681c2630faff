"""What an experiment will take, step by step, before it is begun.

Each method of each run plays one session on the fake model, and the fake model answers what judges
would be asked about it: see `magnet.sessions.estimate` for what such figures are worth.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product

from pydantic import BaseModel

from magnet.evals.judging.jobs import JudgingJob, jobs_for, judge_config_of
from magnet.evals.preference.prompt import PreferenceAnswer, preference_messages
from magnet.evals.scales.judge_input import JudgeInput
from magnet.evals.scales.model import Questionnaire
from magnet.evals.scales.question import system_message, user_message
from magnet.evals.scales.shapes import questions
from magnet.experiments.analyses import ANALYSES, JobsOf
from magnet.experiments.opening import OpenExperiment
from magnet.models.fake.model import FakeModel
from magnet.sessions.estimate import Estimate, cost_of, estimate_by, rehearse, times
from magnet.sessions.workspace import Workspace
from magnet.state import Usage
from magnet.store import Session

_SPEAKERS: Mapping[str, str] = {"system": "system", "human": "user"}
_ORDERS = 2


@dataclass(frozen=True, slots=True)
class _Arm:
    """A method of a run, and the session that stands for all of its sessions."""

    name: str
    rehearsed: Session
    sessions: int


@dataclass(slots=True)
class _Asked:
    """What a judge is asked, counted with the answers of the fake model."""

    calls: int = 0
    usage: Usage = field(default_factory=Usage)
    fake: FakeModel = field(default_factory=FakeModel)

    def ask(self, prompt: Sequence[tuple[str, str]], answer: type[BaseModel], count: int) -> None:
        """Count a question of (role, text) that is asked so often."""
        schema = {"name": "answer", "schema": answer.model_json_schema()}
        reply = self.fake.reply(
            {
                "messages": [{"role": role, "content": text} for role, text in prompt],
                "response_format": {"type": "json_schema", "json_schema": schema},
            }
        )
        one = Usage(
            prompt=reply.prompt_tokens,
            cached=reply.cached_tokens,
            completion=reply.completion_tokens,
        )
        self.calls += count
        self.usage += times(one, count)

    def row(
        self, title: str, sessions: int, judges: Sequence[str], workspace: Workspace
    ) -> Estimate:
        """Return what all judges are asked together."""
        return Estimate(
            title=title,
            sessions=sessions,
            calls=self.calls * len(judges),
            usage=times(self.usage, len(judges)),
            cost=cost_of(dict.fromkeys(judges, self.usage), workspace),
        )


async def estimate_experiment(experiment: OpenExperiment) -> list[Estimate]:
    """Estimate the steps of an experiment that ask a model, a row each."""
    rows: list[Estimate] = []
    arms: list[_Arm] = []
    for run in experiment.runs:
        for name, method in zip(run.plan.arms, run.plan.methods, strict=True):
            sessions = [session for session in run.sessions if session.method == method]
            rehearsal = await rehearse(run.workspace, sessions[0])
            expected = estimate_by(run.workspace, rehearsal, len(sessions))
            rows.append(replace(expected, title=f"generate {name}"))
            arms.append(_Arm(name, rehearsal.session, len(sessions)))
    rows += _estimate_judging(experiment, arms)
    if experiment.plan.preference is not None:
        rows.append(_estimate_preference(experiment, arms))
    return rows


def _estimate_judging(experiment: OpenExperiment, arms: Sequence[_Arm]) -> Iterator[Estimate]:
    plan, workspace = experiment.plan.evaluate, experiment.workspace
    if plan is None:
        return
    manner = judge_config_of(workspace.settings)
    total = sum(arm.sessions for arm in arms)
    clients = len({session.client.form for run in experiment.runs for session in run.sessions})
    scales, full = plan.scales, plan.full
    steps: dict[str, JobsOf] = {
        "evaluate": lambda sessions, manner: jobs_for(sessions, scales, manner, full=full),
        **{f"analyse: {name}": ANALYSES[name].jobs for name in experiment.plan.analyses},
    }
    known: set[tuple[str, str]] = set()
    for title, jobs_of in steps.items():
        asked = _Asked()
        for arm in arms:
            for judge_input, sheet in _sheets(jobs_of([arm.rehearsed], manner)):
                if (judge_input.subject, sheet.name) in known:
                    continue
                known.add((judge_input.subject, sheet.name))
                count = plan.samples * (clients if sheet.text.of == "form" else arm.sessions)
                for question in questions(sheet, judge_input):
                    prompt = [("system", system_message()), ("user", user_message(question))]
                    asked.ask(prompt, question.answer, count)
        yield asked.row(title, total, experiment.judges, workspace)


def _sheets(jobs: Iterable[JudgingJob]) -> Iterator[tuple[JudgeInput, Questionnaire]]:
    for job in jobs:
        yield from product(job.judge_inputs, job.sheets)


def _estimate_preference(experiment: OpenExperiment, arms: Sequence[_Arm]) -> Estimate:
    by_name = {arm.name: arm for arm in arms}
    pairs = experiment.plan.pairs
    asked = _Asked()
    for first, second in ((by_name[a], by_name[b]) for a, b in pairs):
        for aspect in experiment.aspects:
            messages = preference_messages(first.rehearsed, second.rehearsed, aspect)
            prompt = [(_SPEAKERS[message.type], str(message.content)) for message in messages]
            asked.ask(prompt, PreferenceAnswer, _ORDERS * first.sessions)
    sessions = sum(by_name[name].sessions for name in {name for pair in pairs for name in pair})
    judges = [experiment.preference_judge]
    return asked.row("preference", sessions, judges, experiment.workspace)
