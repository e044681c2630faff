"""How a counselor is fine-tuned: one TOML file, over a packaged preset."""

import tomllib
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from magnet.training.qlora.errors import QloraSettingsError

_PRESETS = Path(__file__).with_name("presets")
DEFAULT = "default"


class QloraSettings(BaseModel):
    """All settings of a fine-tuning; `presets/default.toml` says what each is and its default."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rank: int = Field(ge=1)
    alpha: int = Field(gt=0)
    dropout: float = Field(ge=0, lt=1)
    targets: tuple[str, ...] | Literal["all-linear"]

    quantize: Literal["nf4", "none"]
    double_quant: bool
    dtype: Literal["auto", "bfloat16", "float16", "float32"]

    learning_rate: float = Field(gt=0)
    schedule: Literal["constant_with_warmup", "linear", "cosine"]
    warmup: float = Field(ge=0, lt=1, description="share of the steps")
    weight_decay: float = Field(ge=0)
    max_grad_norm: float = Field(gt=0)
    optimizer: Literal["auto", "adamw_torch", "adamw_8bit", "paged_adamw_8bit"]
    epochs: float = Field(gt=0)
    max_steps: int | None = Field(default=None, ge=1, description="ends sooner than the epochs")
    batch_size: int = Field(ge=1, description="sequences computed at once on a rank")
    accumulate: int = Field(ge=1, description="batches whose gradients make a step")
    seed: int = Field(ge=0)

    max_length: int | None = Field(default=None, ge=16, description="tokens of a sequence")
    packing: bool
    gradient_checkpointing: bool | None = Field(
        default=None, description="computes activations again to save memory; none: on a GPU"
    )

    evaluations: int = Field(ge=1)
    patience: int = Field(ge=0)
    samples: int = Field(ge=0)

    zero: Literal[0, 2, 3]


def load_settings(name: str = DEFAULT) -> QloraSettings:
    """Read settings.

    Args:
        name: a preset (`default`, `paper`), or a TOML file with what differs from `default`, or
            from the preset that its line `preset = "..."` names.

    Raises:
        QloraSettingsError: naming the file and each field that cannot be used.
    """
    try:
        return QloraSettings.model_validate(_read(name))
    except ValidationError as error:
        problems = (
            f"{'.'.join(map(str, p['loc']))}: {p['msg']}, found {p['input']!r}"
            for p in error.errors()
        )
        raise QloraSettingsError(f"{name}:\n  " + "\n  ".join(problems)) from error


def _read(name: str) -> dict[str, Any]:
    presets = sorted(path.stem for path in _PRESETS.glob("*.toml"))
    path = _PRESETS / f"{name}.toml" if name in presets else Path(name)
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise QloraSettingsError(
            f"{name}: expected a preset ({', '.join(presets)}) or a TOML file: {error}"
        ) from error
    under = given.pop("preset", None if name in presets else DEFAULT)
    if under is None:
        return given
    if under not in presets:
        raise QloraSettingsError(
            f"{name}: preset: expected one of {', '.join(presets)}, found {under!r}"
        )
    return {**_read(under), **given}
