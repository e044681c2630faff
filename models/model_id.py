"""A model id: `embedded`, `embedded:NAME_OR_PATH`, `fake`, or `PROVIDER:MODEL`."""

from dataclasses import dataclass

from magnet.models.settings import SettingsError

EMBEDDED, FAKE = "embedded", "fake"


@dataclass(frozen=True, slots=True)
class ModelId:
    """Where a model is served, and its name there."""

    provider: str
    model: str

    def __str__(self) -> str:
        return f"{self.provider}:{self.model}" if self.model else self.provider


def parse_model_id(text: str) -> ModelId:
    """Read a model id.

    Raises:
        SettingsError: if it is not of one of the forms.
    """
    provider, _, model = text.strip().partition(":")
    if not provider or (not model and provider not in (EMBEDDED, FAKE)):
        raise SettingsError(
            f"model {text!r}: expected embedded, embedded:NAME_OR_PATH, fake, or PROVIDER:MODEL "
            "such as openai:gpt-4o-mini or vllm:meta-llama/Meta-Llama-3-8B-Instruct"
        )
    return ModelId(provider, model)


def parse_assignment(text: str) -> tuple[str | None, str]:
    """Read an assignment of models to roles: `MODEL_ID` for all, or `ROLE=MODEL_ID` for one."""
    role, equals, model_id = text.partition("=")
    return (role, model_id) if equals else (None, text)
