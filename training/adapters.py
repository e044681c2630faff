"""A LoRA adapter as peft saves it: which base it changes, and how strongly."""

from math import sqrt
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, PositiveInt, ValidationError

from magnet.state.errors import BadUseError, Command, Option

CONFIG_FILE = "adapter_config.json"
WEIGHTS_FILE = "adapter_model.safetensors"
_IN_RUN = "adapter"


class AdapterError(BadUseError):
    """A folder that holds no usable adapter: names the file and what was expected."""


class LoraConfig(BaseModel):
    """What `adapter_config.json` says, as far as merging, exporting and serving need it."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    peft_type: str
    base_model_name_or_path: str = Field(min_length=1)
    r: PositiveInt
    lora_alpha: float = Field(gt=0)
    use_rslora: bool = False
    use_dora: bool = False
    bias: str = "none"
    alpha_pattern: dict[str, float] | None = None
    modules_to_save: list[str] | None = None

    @property
    def alpha(self) -> float:
        """The alpha of the scale alpha / r; rank-stabilized LoRA means alpha / sqrt(r) by it."""
        return self.lora_alpha * sqrt(self.r) if self.use_rslora else self.lora_alpha

    @property
    def beyond_lora(self) -> list[str]:
        """The fields that say it holds more than one scaled pair of matrices for each weight."""
        fields = {
            "use_dora": self.use_dora,
            "bias": self.bias != "none",
            "alpha_pattern": bool(self.alpha_pattern),
            "modules_to_save": bool(self.modules_to_save),
        }
        return [name for name, set_ in fields.items() if set_]


def find_adapter(folder: Path) -> Path:
    """Return the folder of an adapter: this one, or the one in it where a fine-tuning's is."""
    within = folder / _IN_RUN
    return within if (within / CONFIG_FILE).is_file() else folder


def read_adapter(folder: Path) -> LoraConfig:
    """Read an adapter's settings.

    Raises:
        AdapterError: if the folder holds no LoRA adapter with its weights and its base.
    """
    path = folder / CONFIG_FILE
    for file in (path, folder / WEIGHTS_FILE):
        if not file.is_file():
            raise AdapterError(
                f"{file}: there is no such file. Expected the folder of a LoRA adapter, as "
                "'{qlora}' writes it",
                qlora=Command(("train", "qlora"), (Option("out", "FOLDER"),)),
            )
    try:
        config = LoraConfig.model_validate_json(path.read_bytes())
    except ValidationError as error:
        problems = "; ".join(
            f"{'.'.join(map(str, problem['loc'])) or 'the file'}: {problem['msg']}"
            for problem in error.errors()
        )
        raise AdapterError(f"{path}: {problems}. Expected what peft writes for LoRA") from error
    if config.peft_type != "LORA":
        raise AdapterError(f"{path}: peft_type is {config.peft_type}, expected LORA")
    return config
