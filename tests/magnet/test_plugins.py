"""What another distribution adds: `examples/plugins`, installed and used as a user would."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from statistics import mean

import pytest

from magnet.state.plugins import PluginError, plugged_in
from magnet.state.text import words
from tests.magnet.commands import Outcome, environment
from tests.magnet.endpoint import endpoint

pytestmark = pytest.mark.slow
EXAMPLES = Path(__file__).parents[2] / "examples" / "plugins"
SPECIALISTS = {"reflection", "questioning", "solutions", "normalizing", "psycho-education"}


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for the path, in which the distribution is installed."""
    folder = tmp_path_factory.mktemp("installed")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation"]
    subprocess.run([*pip, "--target", str(folder), str(EXAMPLES)], check=True)
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the commands of this module run, on one database."""
    return tmp_path_factory.mktemp("plugins")


@pytest.fixture
def magnet(installed: Path, folder: Path) -> Callable[..., Outcome]:
    """The command line in a process of its own that sees the distribution."""
    path = os.pathsep.join([str(installed), *filter(None, [os.environ.get("PYTHONPATH")])])

    def call(*arguments: object, **variables: str) -> Outcome:
        done = subprocess.run(
            [sys.executable, "-m", "magnet", *map(str, arguments)],
            cwd=folder,
            env=environment(folder, PYTHONPATH=path, COLUMNS="300", **variables),
            capture_output=True,
            text=True,
            timeout=120,
        )
        return Outcome(done.returncode, done.stdout, done.stderr)

    return call


@pytest.fixture
def session(magnet: Callable[..., Outcome], folder: Path) -> str:
    """The id of a session of the method with six specialists; played once."""
    if not (folder / "sessions.db").exists():
        played = magnet(
            "run",
            "--method",
            "six-specialists",
            "--model",
            "fake",
            "--turns",
            4,
            "--session",
            "six",
        )
        assert played.code == 0, played.err
    return "six"


def test_a_sixth_specialist_drafts_and_can_be_chosen(
    magnet: Callable[..., Outcome], session: str
) -> None:
    record = magnet("show", session, "--json").json
    for exchange in record["exchanges"]:
        drafts = {candidate["technique"] for candidate in exchange["candidates"]}
        assert drafts == SPECIALISTS | {"values"}
        assert set(exchange["selection"]["techniques"]) <= drafts
    drawn = magnet("graph", "--method", "six-specialists")
    assert "values" in drawn.out


def test_an_export_format_is_listed_and_written(
    magnet: Callable[..., Outcome], session: str, folder: Path
) -> None:
    assert "screenplay: all sessions in one text" in magnet("export", "--help").out
    done = magnet("export", session, "--format", "screenplay", "--out", "plays")
    assert done.code == 0, done.err
    text = (folder / "plays" / "sessions.txt").read_text()
    assert text.startswith("SCENE 1. ")
    assert text.count("COUNSELOR\n") == text.count("CLIENT\n") == 3
    assert "screenplay, sessions.txt" in (folder / "plays" / "README.md").read_text()


def test_a_provider_is_listed_used_and_laid_over(
    magnet: Callable[..., Outcome], folder: Path
) -> None:
    """A session is played there, at the address that the function of the entry point returns."""
    listed = {one["what"]: one for one in magnet("doctor", "--model", "fake", "--json").json}
    assert "gateway" in listed["providers"]["found"]
    with endpoint() as ours:
        run = ("run", "--method", "psych8k", "--model", "gateway:m", "--turns", 2)
        assert magnet(*run, GATEWAY_URL=ours.url).code == 0
        assert set(ours.agents) == {"counselor", "client"}
        own = {"MAGNET_PROVIDERS__GATEWAY__KEY_VARIABLE": "LAB_TOKEN", "GATEWAY_URL": ours.url}
        refused = magnet("doctor", "--model", "gateway:m", **own)
    assert refused.code == 1
    assert "LAB_TOKEN" in refused.said


def test_a_metric_is_listed_and_takes_its_option(
    magnet: Callable[..., Outcome], session: str
) -> None:
    assert "pace" in magnet("eval", "--help").out
    shown = magnet("eval", session, "--metrics", "pace")
    assert shown.code == 0, shown.err
    assert "words an utterance" in shown.out
    record = magnet("show", session, "--json").json
    counts = [
        len(words(said["text"]))
        for said in record["utterances"][2:]
        if said["speaker"] == "counselor"
    ]
    longest = max(counts)
    for least, kept in ((1, counts), (longest, [n for n in counts if n >= longest])):
        asked = ("--metrics", "pace", "--option", f"pace.least={least}", "--json")
        (row,) = magnet("eval", session, *asked).json["pace"]
        assert row["counselor"] == pytest.approx(mean(kept))


def test_a_scale_is_listed_and_judged(magnet: Callable[..., Outcome], session: str) -> None:
    assert "hope" in magnet("eval", "--help").out
    judged = magnet("eval", session, "--metrics", "hope", "--judge", "fake", "--json")
    assert judged.code == 0, judged.err
    means = judged.json["hope"]["judges"]["fake"]["runs"][session]["means"]
    assert means.keys() == {"begins", "ends"}
    assert all(1 <= value <= 5 for value in means.values())


# What is broken in another distribution is told with its place


def _install(folder: Path, group: str, name: str, value: str, by: str = "broken") -> None:
    info = folder / f"{by}-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {by}\nVersion: 1\n")
    (info / "entry_points.txt").write_text(f"[{group}]\n{name} = {value}\n")


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("one", "nowhere:X", r"entry point 'one' of test\.kind: cannot be loaded"),
        ("one", "os:sep", "expected a dict, found '/'"),
        ("one", "os:getcwd", "expected a dict, found '/"),
        ("one", "json:loads", "cannot be loaded .TypeError"),
        ("taken", "builtins:dict", "the name is taken"),
    ],
)
def test_a_broken_entry_point_is_told(
    name: str, value: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _install(tmp_path, "test.kind", name, value)
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(PluginError, match=said):
        plugged_in("test.kind", dict, shipped=["taken"])


def test_a_function_may_return_what_is_added(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _install(tmp_path, "test.kind", "one", "builtins:dict")
    monkeypatch.syspath_prepend(tmp_path)
    assert plugged_in("test.kind", dict) == {"one": {}}


def test_two_distributions_with_one_name_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _install(tmp_path, "test.kind", "one", "builtins:dict", by="first")
    _install(tmp_path, "test.kind", "one", "collections:OrderedDict", by="second")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(PluginError, match=r"'one' of test\.kind: two distributions have one"):
        plugged_in("test.kind", dict)


def test_a_command_that_needs_a_broken_one_says_so(folder: Path, tmp_path: Path) -> None:
    _install(tmp_path, "magnet.providers", "odd", "os:sep")
    path = os.pathsep.join([str(tmp_path), *filter(None, [os.environ.get("PYTHONPATH")])])
    done = subprocess.run(
        [sys.executable, "-m", "magnet", "doctor", "--model", "fake"],
        cwd=folder,
        env=environment(folder, PYTHONPATH=path, COLUMNS="300"),
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 2
    assert "entry point 'odd' of magnet.providers: expected a Provider" in done.stderr
