"""Training data for the counselor: sessions become examples, split by client, filtered, described.

`choose_sessions` decides what is trained; `write_training_data` writes a choice as a folder.
"""

from magnet.training.data.choosing import Choice, ChosenSession, choose_sessions
from magnet.training.data.errors import TrainingDataError
from magnet.training.data.filters import Bound
from magnet.training.data.lengths import load_tokenizer
from magnet.training.data.manifest import DataManifest, DataSettings, read_manifest
from magnet.training.data.writing import write_training_data

__all__ = [
    "Bound",
    "Choice",
    "ChosenSession",
    "DataManifest",
    "DataSettings",
    "TrainingDataError",
    "choose_sessions",
    "load_tokenizer",
    "read_manifest",
    "write_training_data",
]
