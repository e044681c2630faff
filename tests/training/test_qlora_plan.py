"""What cannot work is refused before anything is loaded, with what to change."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psutil
import pytest
import torch
from transformers import LlamaConfig

from magnet.training.qlora import plan
from magnet.training.qlora.errors import InfeasibleError
from magnet.training.qlora.job import QloraJob
from magnet.training.qlora.labels import Labelled
from magnet.training.qlora.plan import TrainingPlan, check_installed, check_memory, make_plan
from magnet.training.qlora.settings import load_settings
from magnet.training.qlora.shapes import Shapes, read_shapes

SEVEN = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")
LLAMA_8B = LlamaConfig(
    vocab_size=128256,
    hidden_size=4096,
    intermediate_size=14336,
    num_hidden_layers=32,
    num_attention_heads=32,
    num_key_value_heads=8,
    max_position_embeddings=8192,
    tie_word_embeddings=False,
)


@pytest.fixture(scope="module")
def large() -> Shapes:
    return read_shapes(LLAMA_8B, SEVEN)


def a_job(ranks: int = 1, base: str = "some/model", **settings: Any) -> QloraJob:
    changed = load_settings().model_copy(update=settings)
    return QloraJob(data=Path("d"), base=base, out=Path("o"), settings=changed, ranks=ranks)


def of_length(*lengths: int) -> list[Labelled]:
    return [Labelled([1] * length, [1] * length) for length in lengths]


@pytest.fixture(params=["cpu", "cuda"])
def device(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    pretend(monkeypatch, request.param)
    yield request.param


def pretend(monkeypatch: pytest.MonkeyPatch, device: str, *, bfloat16: bool = True) -> None:
    """Let this machine seem to have two GPUs, or none."""
    on_gpu = device == "cuda"
    monkeypatch.setattr(torch.cuda, "is_available", lambda: on_gpu)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2 * on_gpu)
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda **_: bfloat16)
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"amx_bf16": bfloat16})


def test_shapes_are_counted_as_the_model_has_them(large: Shapes) -> None:
    assert large.linear + large.other == 8_030_261_248
    assert large.linear == 32 * (2 * 4096**2 + 2 * 4096 * 1024 + 3 * 4096 * 14336)
    assert large.adapter * 64 == 167_772_160
    assert (large.layers, large.positions) == (32, 8192)


def test_a_target_that_the_model_lacks_is_named_with_those_it_has() -> None:
    with pytest.raises(InfeasibleError, match=r"no layer qkv_proj.*down_proj.*all-linear"):
        read_shapes(LLAMA_8B, ("qkv_proj", "o_proj"))


@pytest.mark.parametrize("bfloat16", [True, False])
def test_the_device_decides_dtype_optimizer_and_recomputing(
    monkeypatch: pytest.MonkeyPatch, large: Shapes, bfloat16: bool
) -> None:
    dtype = "bfloat16" if bfloat16 else "float32"
    pretend(monkeypatch, "cpu", bfloat16=bfloat16)
    assert make_plan(a_job(), large, of_length(9, 7)) == TrainingPlan(
        "cpu", dtype, "adamw_torch", False, 9
    )
    pretend(monkeypatch, "cuda", bfloat16=bfloat16)
    assert make_plan(a_job(), large, of_length(9, 7)) == TrainingPlan(
        "cuda", dtype, "adamw_8bit", True, 9
    )


@pytest.mark.parametrize(
    ("job", "problem"),
    [
        (a_job(zero=3), r"scales.*zero = 2"),
        (a_job(max_length=50), r"1 of 2 examples.*max_length = 60"),
        (a_job(max_length=9000), r"8,192.*max_length = 8192"),
    ],
)
def test_what_works_nowhere_is_refused(
    device: str, large: Shapes, job: QloraJob, problem: str
) -> None:
    with pytest.raises(InfeasibleError, match=problem):
        make_plan(job, large, of_length(50, 60))


def test_zero_3_without_4_bits_is_not_refused(device: str, large: Shapes) -> None:
    make_plan(a_job(zero=3, quantize="none", ranks=2), large, of_length(9))


def test_an_example_longer_than_the_base_reads_is_refused(device: str, large: Shapes) -> None:
    with pytest.raises(InfeasibleError, match=r"9,001 tokens.*8,192"):
        make_plan(a_job(), large, of_length(9001))


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"dtype": "bfloat16"}, r'on cpu.*dtype = "auto"'),
        ({"dtype": "float16"}, r'dtype = "auto"'),
        ({"optimizer": "paged_adamw_8bit"}, "needs a GPU"),
    ],
)
def test_what_a_cpu_cannot_do_is_refused(
    monkeypatch: pytest.MonkeyPatch, large: Shapes, settings: dict[str, Any], problem: str
) -> None:
    pretend(monkeypatch, "cpu", bfloat16=False)
    with pytest.raises(InfeasibleError, match=problem):
        make_plan(a_job(**settings), large, of_length(9))


def test_more_ranks_than_gpus_are_refused(monkeypatch: pytest.MonkeyPatch, large: Shapes) -> None:
    pretend(monkeypatch, "cuda")
    make_plan(a_job(ranks=2), large, of_length(9))
    with pytest.raises(InfeasibleError, match="2 GPUs"):
        make_plan(a_job(ranks=3), large, of_length(9))


def test_on_a_cpu_deepspeed_computes_in_float32(
    monkeypatch: pytest.MonkeyPatch, large: Shapes
) -> None:
    pretend(monkeypatch, "cpu")
    assert make_plan(a_job(ranks=2), large, of_length(9)).dtype == "float32"
    assert make_plan(a_job(ranks=2, zero=0), large, of_length(9)).dtype == "bfloat16"


def test_zero_on_a_cpu_needs_a_compiler(monkeypatch: pytest.MonkeyPatch, large: Shapes) -> None:
    pretend(monkeypatch, "cpu")
    monkeypatch.setattr(plan.shutil, "which", lambda _: None)
    make_plan(a_job(ranks=2, zero=0), large, of_length(9))
    with pytest.raises(InfeasibleError, match=r"compiler.*zero = 0"):
        make_plan(a_job(ranks=2), large, of_length(9))


def test_a_job_that_does_not_fit_into_memory_is_refused_with_what_helps(
    monkeypatch: pytest.MonkeyPatch, large: Shapes
) -> None:
    pretend(monkeypatch, "cpu")
    memory = SimpleNamespace(available=20_000_000_000)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: memory)
    fits = TrainingPlan(
        "cpu", "bfloat16", "adamw_torch", gradient_checkpointing=True, max_length=4096
    )
    check_memory(a_job(), fits, large)
    for job, it in (
        (a_job(), replace(fits, gradient_checkpointing=False)),
        (a_job(quantize="none"), fits),
        (a_job(batch_size=16), fits),
        (a_job(ranks=2), fits),
    ):
        with pytest.raises(InfeasibleError, match=r"GB \(base .* are free.*smaller base"):
            check_memory(job, it, large)


def test_a_package_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    there = {"deepspeed", "wandb", "gguf"}
    monkeypatch.setattr(plan, "find_spec", lambda name: None if name in there else object())
    check_installed(a_job())
    check_installed(a_job(ranks=2, zero=0))
    with pytest.raises(InfeasibleError, match=r"needs deepspeed, .* extra 'deepspeed'"):
        check_installed(a_job(ranks=2))
    with pytest.raises(InfeasibleError, match=r"needs gguf, .* extra 'train'"):
        check_installed(a_job(base="model.gguf"))
    with pytest.raises(InfeasibleError, match="pip install wandb"):
        check_installed(a_job().model_copy(update={"report_to": "wandb"}))
