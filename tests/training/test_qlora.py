"""Fine-tuning a tiny base: it learns, is killed, and goes on to the same curve."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM

from magnet.training.qlora.errors import OtherRunError
from magnet.training.qlora.job import QloraJob, read_summary
from magnet.training.qlora.run import train
from magnet.training.qlora.settings import load_settings
from tests.training.counselor_data import session, write_data, write_sessions
from tests.training.tiny_models import make_model

pytestmark = pytest.mark.slow

SETTINGS = {
    "rank": 8,
    "alpha": 16,
    "learning_rate": 5e-3,
    "accumulate": 2,
    "dtype": "float32",
    "max_steps": 12,
    "evaluations": 4,
    "patience": 0,
}
TRAIN = (
    "import sys; from magnet.training.qlora.job import QloraJob; "
    "from magnet.training.qlora.run import train; "
    "train(QloraJob.model_validate_json(sys.argv[1]))"
)
PATIENCE = 90


def a_job(folder: Path, out: str = "run", ranks: int = 1, **settings: Any) -> QloraJob:
    """Make a job in a folder that holds a base and data, or comes to."""
    if not (folder / "base").exists():
        make_model(folder / "base")
        write_sessions(folder / "data")
    return QloraJob(
        data=folder / "data",
        base=str(folder / "base"),
        out=folder / out,
        settings=load_settings().model_copy(update={**SETTINGS, **settings}),
        ranks=ranks,
    )


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def losses(out: Path, name: str = "loss") -> dict[int, float]:
    records = [one for one in lines(out / "metrics.jsonl") if name in one]
    steps = [one["step"] for one in records]
    assert len(set(steps)) == len(steps), "a step is recorded twice"
    return {one["step"]: one[name] for one in records}


def adapter_weights(out: Path) -> torch.Tensor:
    from safetensors.torch import load_file

    weights = load_file(out / "adapter" / "adapter_model.safetensors")
    return torch.cat([weights[name].flatten() for name in sorted(weights)])


@pytest.mark.parametrize("packing", [True, False])
def test_it_learns_and_leaves_an_adapter_metrics_samples_and_a_summary(
    tmp_path: Path, packing: bool
) -> None:
    job = a_job(tmp_path, packing=packing, max_length=512)
    summary = train(job)
    assert summary.steps == 12
    assert summary.after.loss < summary.before.loss - 0.5
    held_out = losses(job.out, "eval_loss")
    assert list(held_out) == [0, 3, 6, 9, 12]
    assert (summary.before.loss, summary.after.loss) == (held_out[0], min(held_out.values()))
    assert list(losses(job.out)) == list(range(1, 13))
    samples = lines(job.out / "samples.jsonl")
    assert [one["step"] for one in samples] == [0, 3, 6, 9, 12]
    assert samples[0]["answer"] != samples[-1]["answer"]
    base = AutoModelForCausalLM.from_pretrained(job.base)
    adapted = PeftModel.from_pretrained(base, job.out / "adapter")
    assert adapted.peft_config["default"].base_model_name_or_path == job.base
    assert summary == read_summary(job.out) == train(job)


def test_the_adapter_is_held_in_float32(tmp_path: Path) -> None:
    job = a_job(tmp_path, max_steps=1)
    train(job)
    assert adapter_weights(job.out).dtype is torch.float32


def test_another_job_in_the_folder_is_refused_with_what_differs(tmp_path: Path) -> None:
    train(a_job(tmp_path, max_steps=1))
    with pytest.raises(OtherRunError, match=r"max_steps \(was 1, now 2\)"):
        train(a_job(tmp_path, max_steps=2))
    write_data(tmp_path / "data", [], [])
    with pytest.raises(OtherRunError, match=r"train\.jsonl"):
        train(a_job(tmp_path, max_steps=1))


def test_it_stops_early_and_keeps_the_best(tmp_path: Path) -> None:
    job = a_job(tmp_path, learning_rate=0.02, max_steps=60, evaluations=30, patience=2)
    # What the one counselor says helps to foresee the other for a while, and then no more.
    write_data(job.data, [session(0), session(0)], [session(1)])
    summary = train(job)
    held_out = losses(job.out, "eval_loss")
    assert summary.stopped_early
    assert summary.steps < 60
    assert summary.after.loss == min(loss for step, loss in held_out.items() if step)
    assert summary.after.step < summary.steps


def test_killed_in_the_middle_it_goes_on_to_the_same_curve(tmp_path: Path) -> None:
    whole = a_job(tmp_path, "whole")
    train(whole)
    broken = a_job(tmp_path, "broken")
    kill_after(broken, step=7)
    assert 7 <= max(losses(broken.out)) < 12
    assert read_summary(broken.out) is None
    # A checkpoint that the kill left half written.
    torn = broken.out / "checkpoints" / "checkpoint-9"
    torn.mkdir(exist_ok=True)
    (torn / "trainer_state.json").write_text('{"global_step": 9,', encoding="utf-8")
    train(broken)
    for name in ("loss", "eval_loss", "eval_mean_token_accuracy"):
        assert losses(broken.out, name) == pytest.approx(losses(whole.out, name), rel=1e-6)
    assert lines(broken.out / "samples.jsonl") == lines(whole.out / "samples.jsonl")
    torch.testing.assert_close(adapter_weights(broken.out), adapter_weights(whole.out))


def test_killed_before_its_summary_it_trains_no_further_step(tmp_path: Path) -> None:
    job = a_job(tmp_path)
    before = train(job)
    weights = adapter_weights(job.out)
    (job.out / "summary.json").unlink()
    after = train(job)
    assert after.model_copy(update={"peak_memory": before.peak_memory}) == before
    assert torch.equal(adapter_weights(job.out), weights)


def kill_after(job: QloraJob, step: int) -> None:
    """Train in a process of its own, and kill it when it has come to a step."""
    command = (sys.executable, "-c", TRAIN, job.model_dump_json())
    process = subprocess.Popen(command, start_new_session=True, stderr=subprocess.PIPE, text=True)
    metrics = job.out / "metrics.jsonl"
    deadline = time.monotonic() + PATIENCE
    while not (metrics.exists() and f'"step": {step}' in metrics.read_text(encoding="utf-8")):
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            pytest.fail(f"it did not come to step {step}: {process.communicate()[1][-2000:]}")
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
