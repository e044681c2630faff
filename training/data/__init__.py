"""Training data for the counselor: sessions become examples, split by client, filtered, described.

`choose_sessions` decides what is trained; `write_training_data` writes a choice as a folder.
"""

from training.data.choosing import Choice, ChosenSession, choose_sessions
from training.data.errors import TrainingDataError
from training.data.filters import Bound
from training.data.lengths import load_tokenizer
from training.data.manifest import DataManifest, DataSettings, read_manifest
from training.data.writing import write_training_data

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
