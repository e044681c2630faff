"""What an experiment file sets, put over the settings of the environment and `magnet.toml`."""

from magnet.experiments.model import Experiment, Overrides
from magnet.models.roles import Sampling
from magnet.models.settings import Settings

_BY_ROLE = {"models", "sampling"}
_SINGLE = ({*Overrides.model_fields} - _BY_ROLE) | {"db", "concurrency"}


def put_over(settings: Settings, own: Overrides | Experiment) -> Settings:
    """Put what a file, or a run in it, sets over settings.

    A model for every role stands over single roles' of the settings, as `--model` does. What is not
    set of a role's sampling stays.
    """
    models = settings.models if own.model is None else {}
    sampling = {
        role: settings.sampling.get(role, Sampling()).model_copy(
            update=given.model_dump(exclude_none=True)
        )
        for role, given in own.sampling.items()
    }
    return settings.model_copy(
        update={
            **{name: getattr(own, name) for name in _SINGLE & own.model_fields_set},
            "models": {**models, **own.models},
            "sampling": {**settings.sampling, **sampling},
        }
    )
