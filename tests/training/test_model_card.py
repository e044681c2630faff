"""The card of a merged model: what lies beside the adapter, and what does not."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from magnet.training.data import DataManifest
from magnet.training.data.manifest import SplitCounts
from magnet.training.model_card import write_model_card
from magnet.training.qlora.job import QloraJob, claim
from magnet.training.qlora.settings import load_settings

CONFIG = {
    "peft_type": "LORA",
    "base_model_name_or_path": "no-such-owner/no-such-model",
    "r": 8,
    "lora_alpha": 16.5,
}
COUNTS = SplitCounts(sessions=270, clients=90, examples=270, trained=5400, tokens=None)


@pytest.fixture(autouse=True)
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    constants = pytest.importorskip(
        "huggingface_hub.constants", reason="needs magnet-counseling[train]"
    )
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)


def save_adapter(folder: Path, **changes: Any) -> Path:
    folder.mkdir(parents=True)
    (folder / "adapter_config.json").write_text(json.dumps({**CONFIG, **changes}))
    (folder / "adapter_model.safetensors").write_bytes(b"")
    return folder


def save_run(folder: Path, base: str, licence: str) -> Path:
    """Save what a fine-tuning leaves: its data, its job, its measures and its adapter."""
    data = folder / "data"
    data.mkdir(parents=True)
    for split in ("train", "valid"):
        (data / f"{split}.jsonl").write_text("")
    manifest = DataManifest(
        licence=licence,
        counts={"train": COUNTS},
        sessions={"train": ("a",)},
        clients={"train": ("b",)},
        left_out={},
        untrained={},
        prompt="counselor-finetuned",
        prompt_hash="0123abcd",
        prompt_layout="shared-first",
        runs=("pilot",),
        methods={"magnet": 270},
        models={"fusion": ("vllm:m",), "client": ("vllm:m",)},
        tokenizer=None,
    )
    (data / "data.json").write_text(manifest.model_dump_json())
    out = folder / "run"
    claim(QloraJob(data=data, base=base, out=out, settings=load_settings("paper")))
    measured = [
        {"loss": 2.0, "step": 1},
        {"eval_loss": 2.1234, "eval_mean_token_accuracy": 0.5, "step": 0},
        {"eval_loss": 1.5, "eval_mean_token_accuracy": 0.625, "step": 60},
    ]
    (out / "metrics.jsonl").write_text("".join(json.dumps(line) + "\n" for line in measured))
    return save_adapter(out / "adapter")


def head(card: str) -> dict[str, Any]:
    return yaml.safe_load(card.split("---")[1])


def test_it_says_data_settings_measures_and_licences(tmp_path: Path) -> None:
    base = tmp_path / "my-base"
    base.mkdir()
    (base / "README.md").write_text("---\nlicense: apache-2.0\n---\n# A model\n")
    card = write_model_card("counselor", save_run(tmp_path, str(base), "cc-by-4.0"))
    assert card.index("# counselor") < card.index("## Data") < card.index("## Measures")
    for said in (
        "- Base: my-base\n",
        "- Licence of the base: apache-2.0\n",
        "- Licence of the data: cc-by-4.0\n",
        "rank 8, alpha 16.5",
        "| train | 270 | 90 | 270 | 5,400 |",
        "- Runs: pilot\n",
        "- Methods: magnet (270)\n",
        "- Models: vllm:m\n",
        "- learning_rate: 0.0002\n",
        "- ranks: 1\n",
        "| 0 | 2.1234 | 50.0% |\n| 60 | 1.5000 | 62.5% |",
    ):
        assert said in card
    assert str(tmp_path) not in card, "a path of this machine"
    assert head(card)["license"] == "other"
    assert "base_model" not in head(card)


def test_one_licence_of_both_is_the_models(tmp_path: Path) -> None:
    base = tmp_path / "base"
    base.mkdir()
    (base / "README.md").write_text("---\nlicense: other\nlicense_name: our-own\n---\n")
    card = write_model_card("counselor", save_run(tmp_path, str(base), "our-own"))
    assert head(card)["license"] == "our-own"


def test_names_are_no_markup(tmp_path: Path) -> None:
    name = "x\n---\n# Real <b>patients</b> | y"
    run = save_run(tmp_path, "hf/base: x\nlicense: mit", "cc-by-4.0\ntags: [real]")
    card = write_model_card(name, run)
    assert head(card)["license"] != "mit"
    assert head(card)["base_model"] == "hf/base: x license: mit"
    assert "# x --- # Real \\<b\\>patients\\</b\\> \\| y\n" in card
    assert "- Licence of the data: cc-by-4.0 tags: \\[real\\]\n" in card


def test_an_adapter_from_elsewhere_states_what_it_can(tmp_path: Path) -> None:
    card = write_model_card("counselor", save_adapter(tmp_path / "adapter"))
    assert head(card)["base_model"] == CONFIG["base_model_name_or_path"]
    assert head(card)["license"] == "unknown"
    assert card.count("ot stated") == 5  # two licences, data, settings, measures


def test_records_that_cannot_be_read_are_not_stated(tmp_path: Path) -> None:
    adapter = save_run(tmp_path, "no-such-owner/no-such-model", "cc-by-4.0")
    (adapter.parent / "job.json").write_text("{}")
    (adapter.parent / "metrics.jsonl").write_text("half a li")
    assert write_model_card("counselor", adapter).count("ot stated") == 5
