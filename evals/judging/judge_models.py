"""A judge's SPEC as a model of Inspect, looked at before anything is asked."""

from inspect_ai.model import GenerateConfig, Model, get_model

from magnet.evals.judging.inspect_api import using
from magnet.evals.judging.scorers import PROVIDER
from magnet.models.keys import read_key
from magnet.models.model_id import EMBEDDED, FAKE, parse_spec
from magnet.models.probe import probe
from magnet.models.settings import Settings, SettingsError

BATCHING = frozenset({"openai"})
"""Providers whose batch interface Inspect knows, under the same name."""


def calls_at_once(judge: str) -> int | None:
    """Give how many calls a judge is to get at once; none leaves it to Inspect.

    The embedded server answers one call as fast as several, and calls about the same session that
    follow each other find its prompt computed.
    """
    return 1 if parse_spec(judge).provider == EMBEDDED else None


async def open_judge(settings: Settings, judge: str, *, batch: bool = False) -> Model:
    """Open a judge's model; close it as a context.

    Args:
        settings: of this invocation.
        judge: its SPEC.
        batch: by the provider's batch interface.

    Raises:
        SettingsError: if the SPEC, its provider or key cannot be used, or it has no batches.
        EndpointError: if the endpoint does not answer.
        ModelDownloadError, ModelStartError: if an embedded model cannot be had.
    """
    spec = parse_spec(judge)
    if batch and spec.provider not in BATCHING:
        raise SettingsError(
            f"--batch: {judge} has no batch interface; expected a judge of "
            f"{', '.join(sorted(BATCHING))}"
        )
    if spec.provider in (EMBEDDED, FAKE):
        return _own(settings, judge)
    provider = settings.provider(spec.provider)
    key = read_key(spec, provider)
    await probe(spec.provider, provider, key)
    if not batch:
        return _own(settings, judge)
    return get_model(
        f"{spec.provider}/{spec.model}", base_url=provider.base_url, api_key=key, memoize=False
    )


def _own(settings: Settings, judge: str) -> Model:
    with using(settings):
        config = GenerateConfig(max_connections=calls_at_once(judge))
        return get_model(f"{PROVIDER}/{judge}", config=config, memoize=False)
