"""Reading the intake files that users bring: CACTUS seeds, or forms of their own."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

from pydantic_core import from_json

from magnet.state.intake import Client
from magnet.state.intake_cactus import clients_of_seeds, is_seed
from magnet.state.intake_error import IntakeError, Problem, describe
from magnet.state.intake_yaml import client_of_form, load_yaml

_ONE_FORM = (
    "one intake form: fields with values, at least name, age, gender, presenting_problem and reason"
)
_SEEDS = "a list of CACTUS seeds, one seed, or " + _ONE_FORM


def read_clients(path: Path) -> list[Client]:
    """Read the clients of an intake file, or of all intake files in a folder.

    A `.json` file holds CACTUS seeds (a list, or one) or one plain form; a `.yaml` or `.yml` file
    holds one plain form. The files of a folder are taken by name, without its subfolders, and
    hidden files are passed over.

    Returns:
        At least one client, in the order of the file. `number` counts persons from 1: seeds of one
        person with different attitudes share it.

    Raises:
        IntakeError: with every problem of every file.
    """
    files = _forms_in(path) if path.is_dir() else [path]
    clients: list[Client] = []
    problems: list[Problem] = []
    persons = 0
    for file in files:
        try:
            found = _read_file(file)
        except IntakeError as error:
            problems += error.problems
            continue
        clients += [
            client.model_copy(update={"number": persons + (client.number or 1)}) for client in found
        ]
        persons = clients[-1].number or persons
    if problems:
        raise IntakeError(problems)
    return clients


def _forms_in(folder: Path) -> list[Path]:
    try:
        files = sorted(
            file
            for file in folder.iterdir()
            if file.suffix.lower() in _READERS and not file.name.startswith(".") and file.is_file()
        )
    except OSError as error:
        raise IntakeError([_unreadable(folder, error)]) from error
    if not files:
        raise IntakeError([Problem(folder, "", "a folder without intake forms", _a_file())])
    return files


def _a_file() -> str:
    *others, last = _READERS
    return f"a file that ends in {', '.join(others)} or {last}"


def _read_file(file: Path) -> list[Client]:
    reader = _READERS.get(file.suffix.lower())
    if reader is None:
        found = f"a name that ends in {describe(file.suffix)}" if file.exists() else "no such file"
        raise IntakeError([Problem(file, "", found, _a_file())])
    text = _read_text(file)
    if not text.strip():
        raise IntakeError([Problem(file, "", "an empty file", _ONE_FORM)])
    return reader(text, file)


def _read_text(file: Path) -> str:
    try:
        # Editors on Windows put a byte order mark first.
        return file.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        problem = Problem(file, "", "no such file", "an intake file: check the path")
    except OSError as error:
        problem = _unreadable(file, error)
    except UnicodeDecodeError as error:
        found = f"byte 0x{error.object[error.start]:02x}"
        line = error.object.count(b"\n", 0, error.start) + 1
        problem = Problem(file, f"line {line}", found, "text in UTF-8: save the file as UTF-8")
    raise IntakeError([problem])


def _unreadable(path: Path, error: OSError) -> Problem:
    return Problem(path, "", error.strerror or str(error), "that it can be read: check its rights")


def _read_json(text: str, file: Path) -> list[Client]:
    try:
        data: object = from_json(text, allow_inf_nan=False)
    except ValueError as error:
        message, _, place = str(error).rpartition(" at ")
        raise IntakeError([Problem(file, place, message, "valid JSON")]) from error
    if is_seed(data):
        return clients_of_seeds([data], file)
    if isinstance(data, list):
        return clients_of_seeds(cast(list[Any], data), file)
    return [_client_of(data, file, _SEEDS)]


def _read_yaml(text: str, file: Path) -> list[Client]:
    return [_client_of(load_yaml(text, file), file, _ONE_FORM)]


def _client_of(data: object, file: Path, expected: str) -> Client:
    if not isinstance(data, dict):
        raise IntakeError([Problem(file, "", describe(data), expected)])
    return client_of_form(cast(dict[Any, Any], data), file)


_READERS: dict[str, Callable[[str, Path], list[Client]]] = {
    ".json": _read_json,
    ".yaml": _read_yaml,
    ".yml": _read_yaml,
}
