"""A rating kit from end to end: exported, rated in a browser with the keyboard, imported."""

import asyncio
import json
import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from magnet.sessions.example_forms import example_folder
from magnet.store import open_store
from magnet.store.preferences import Preference, RaterKind, Verdict
from magnet.store.scores import ItemScore
from tests.magnet.browser import browser
from tests.magnet.commands import Magnet, call

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

SIDES = ("pilot:magnet", "pilot:cactus")


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with a run of three clients by two methods."""
    folder = tmp_path_factory.mktemp("played")
    run = ("generate", example_folder(), "--run", "pilot", "--methods", "magnet,cactus")
    done = call(folder, *run, "--limit", 3, "--model", "fake", "--turns", 2)
    assert done.code == 0, done.said
    return folder / "sessions.db"


@pytest.fixture
def pilot(magnet: Magnet, played: Path, tmp_path: Path) -> Magnet:
    """The command, in a folder with that database."""
    shutil.copy(played, tmp_path)
    return magnet


@dataclass
class Kit:
    """A kit that `magnet rate export` wrote."""

    page: Path
    key: Path

    @property
    def pairs(self) -> list[dict[str, str]]:
        return json.loads(self.key.read_text())["pairs"]


def export(magnet: Magnet, folder: Path, *options: object) -> Kit:
    done = magnet("rate", "export", *SIDES, "--out", folder / "kit", *options)
    assert done.code == 0, done.said
    (page,), (key,) = (list((folder / "kit").glob(f"*.{end}")) for end in ("html", "key.json"))
    assert page.name in done.out
    assert key.name in done.out
    return Kit(page, key)


def test_export_writes_a_page_and_its_key(pilot: Magnet, tmp_path: Path):
    kit = export(pilot, tmp_path, "--pairs", 2)
    assert len(kit.pairs) == 2
    assert [scale["id"] for scale in json.loads(kit.key.read_text())["scales"]] == ["ctrs", "wai"]
    page = kit.page.read_text().lower()
    assert [word for word in ("magnet", "cactus", "pilot", "fake") if word in page] == []
    again = pilot("rate", "export", *SIDES, "--out", tmp_path / "kit", "--pairs", 2)
    assert again.code == 0
    assert len(list((tmp_path / "kit").iterdir())) == 2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("pilot", "pilot:cactus"), "run pilot holds sessions of cactus, magnet: name one"),
        (("pilot:magnet", "pilot:magnet"), "name the same sessions"),
        (("pilot:magnet", "pilot:psych8k"), "no finished session of method 'psych8k'"),
        (("pilot:magnet", "nowhere"), "no run is named 'nowhere'"),
        ((*SIDES, "--aspects", "kindness"), "no aspect is named 'kindness'"),
        ((*SIDES, "--scales", "ctrs,mood"), "no scale is named 'mood'"),
        ((*SIDES, "--scales", "none", "--aspects", "none"), "would ask nothing"),
    ],
)
def test_what_cannot_be_exported_is_said(pilot: Magnet, arguments: tuple[str, ...], said: str):
    done = pilot("rate", "export", *arguments, "--out", "kit")
    assert done.code == 2
    assert said in done.said
    assert not Path("kit").exists()


def answers(kit: Kit) -> dict[str, Any]:
    at = "2030-01-02T03:04:05.678Z"
    key = json.loads(kit.key.read_text())
    verdict = {"pair": "1", "aspect": "safety", "verdict": "left", "comment": "", "at": at}
    place = {"pair": "1", "side": "right", "scale": "ctrs", "item": "focus"}
    return {
        "format": "rating-answers-1",
        "kit": key["kit"],
        "rater": "R1",
        "saved": at,
        "preferences": [verdict],
        "ratings": [{**place, "score": 5, "comment": "", "at": at}],
    }


def written(name: str, content: object) -> str:
    Path(name).write_text(json.dumps(content))
    return name


def stored(folder: Path, kit: Kit) -> tuple[list[Preference], list[ItemScore]]:
    """Return the stored preferences and scores of a kit's sessions."""
    sessions = [pair[side] for pair in kit.pairs for side in ("left", "right")]

    async def read() -> tuple[list[Preference], list[ItemScore]]:
        async with open_store(folder / "sessions.db") as store:
            preferences = await store.preferences.between("pilot", "pilot")
            return preferences, await store.scores.of(sorted(sessions))

    return asyncio.run(read())


def test_imported_again_newer_answers_replace_the_older(pilot: Magnet, tmp_path: Path):
    kit = export(pilot, tmp_path, "--pairs", 1)
    first = written("first.json", answers(kit))
    done = pilot("rate", "import", first, "--key", kit.key)
    assert (done.code, done.said) == (0, "R1: 2 answers, 43 open")
    newer = answers(kit)
    newer["preferences"][0]["verdict"] = "tie"
    newer["ratings"][0]["score"] = 2
    assert pilot("rate", "import", written("new.json", newer), "--key", kit.key).code == 0
    preferences, scores = stored(tmp_path, kit)
    assert [one.verdict for one in preferences] == [Verdict.TIE]
    assert [(one.judge, one.value) for one in scores] == [("human:R1", 2)]


def test_one_bad_file_keeps_all_out(pilot: Magnet, tmp_path: Path):
    kit = export(pilot, tmp_path, "--pairs", 1)
    good = written("good.json", answers(kit))
    bad = written("bad.json", {**answers(kit), "rater": "R2", "kit": "000000000000"})
    done = pilot("rate", "import", good, bad, "--key", kit.key)
    assert done.code == 2
    assert "bad.json: kit: found '000000000000'" in done.said
    twice = pilot("rate", "import", good, written("copy.json", answers(kit)), "--key", kit.key)
    assert twice.code == 2
    assert "copy.json: rater: found 'R1', as in good.json" in twice.said
    assert stored(tmp_path, kit) == ([], [])


def test_answers_that_cannot_all_be_stored_are_not_stored_in_part(pilot: Magnet, tmp_path: Path):
    kit = export(pilot, tmp_path, "--pairs", 1)
    file = written("answers.json", answers(kit))
    rename(tmp_path, "scores", "elsewhere")
    failed = pilot("rate", "import", file, "--key", kit.key)
    assert failed.code == 1
    rename(tmp_path, "elsewhere", "scores")
    assert stored(tmp_path, kit) == ([], [])


def rename(folder: Path, table: str, name: str) -> None:
    with closing(sqlite3.connect(folder / "sessions.db")) as connection, connection:
        connection.execute(f"ALTER TABLE {table} RENAME TO {name}")


def test_a_key_of_sessions_that_another_database_holds(pilot: Magnet, tmp_path: Path):
    kit = export(pilot, tmp_path, "--pairs", 1)
    file = written("answers.json", answers(kit))
    done = pilot("rate", "import", file, "--key", kit.key, "--db", tmp_path / "other.db")
    assert done.code == 2
    assert "Name the database that the kit was made from with --db" in done.said


@dataclass
class Rater:
    """Someone at the page who uses nothing but the keyboard."""

    page: "Page"
    complaints: list[str] = field(default_factory=list[str])

    def start(self, kit: Kit, name: str = "") -> None:
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", self._only_the_file)
        self.page.goto(kit.page.as_uri())
        self.press(*name)
        self.enter()

    def enter(self) -> None:
        """Leave the welcome; a pair is read before it is rated."""
        self.press("Enter")
        self.page.locator("#left:focus").wait_for()

    def press(self, *keys: object) -> None:
        for key in keys:
            self.page.keyboard.press(str(key))

    def download(self, to: Path) -> Path:
        with self.page.expect_download() as download:
            self.press("d")
        download.value.save_as(to)
        return to

    @property
    def counted(self) -> str:
        return self.page.locator("#counted").inner_text()

    def _only_the_file(self, request: Any) -> None:
        if not request.url.startswith(("file:", "blob:")):
            self.complaints.append(f"asked for {request.url}")


def rater_at(browser: "Browser", **options: Any) -> Rater:
    """Return a rater in a browser of their own, without a network."""
    context = browser.new_context(offline=True, accept_downloads=True, **options)
    context.set_default_timeout(20_000)
    return Rater(context.new_page())


SMALL = ("--pairs", 2, "--aspects", "professionalism,safety", "--scales", "ctrs")
OF_A_PAIR = 2 + 2 * 6


@pytest.mark.slow
def test_a_kit_is_rated_with_the_keyboard_and_imported(pilot: Magnet, tmp_path: Path):
    kit = export(pilot, tmp_path, *SMALL)
    with browser() as opened:
        rater = rater_at(opened)
        rater.start(kit, "R1")
        assert rater.counted == f"0 of {2 * OF_A_PAIR} answered"
        rater.press(1, "c", *"Warm, and clear.", "Escape", "j", 3, "n")
        # Digits 0 to 5 for the left session, 6 to 1 for the right one; then one is corrected.
        rater.press(*range(6), "n", *range(6, 0, -1), "k", "j", 0, "n")
        # The second pair stays half open: a tie, a preference that is taken back, nothing else.
        rater.press(2, 3, "Delete")
        assert rater.counted == f"{OF_A_PAIR + 1} of {2 * OF_A_PAIR} answered"

        # The browser has kept it all: after a reload the rater goes on.
        rater.page.reload()
        assert rater.page.locator("#rater").input_value() == "R1"
        rater.enter()
        assert rater.counted == f"{OF_A_PAIR + 1} of {2 * OF_A_PAIR} answered"
        assert rater.page.locator("#pair").input_value() == "1"
        file = rater.download(tmp_path / "answers.json")
        assert rater.complaints == []

    done = pilot("rate", "import", file, "--key", kit.key)
    assert (done.code, done.said) == (0, f"R1: {OF_A_PAIR + 1} answers, {OF_A_PAIR - 1} open")
    check_stored(tmp_path, kit)


def check_stored(folder: Path, kit: Kit) -> None:
    preferences, scores = stored(folder, kit)
    first, second = kit.pairs
    given = {(one.first, one.second, one.aspect): one for one in preferences}
    assert {one.kind for one in preferences} == {RaterKind.HUMAN}
    better = given[first["left"], first["right"], "professionalism"]
    assert (better.verdict, better.reason) == (Verdict.FIRST, "Warm, and clear.")
    assert given[first["left"], first["right"], "safety"].verdict is Verdict.SECOND
    assert given[second["left"], second["right"], "professionalism"].verdict is Verdict.TIE
    assert len(given) == 3
    items = [
        "understanding",
        "interpersonal-effectiveness",
        "collaboration",
        "guided-discovery",
        "focus",
        "strategy",
    ]
    values = {(one.subject, one.item): one.value for one in scores}
    assert [values[first["left"], item] for item in items] == [0, 1, 2, 3, 4, 5]
    assert [values[first["right"], item] for item in items] == [6, 5, 4, 3, 2, 0]
    assert len(values) == 12


@pytest.mark.slow
def test_answers_are_restored_from_a_file(pilot: Magnet, tmp_path: Path):
    kit = export(pilot, tmp_path, *SMALL)
    with browser() as opened:
        first = rater_at(opened)
        first.start(kit, "R1")
        first.press(1, 2, "n", 6, 5)
        file = first.download(tmp_path / "answers.json")

        second = rater_at(opened)
        second.page.goto(kit.page.as_uri())
        second.page.set_input_files("#file", file)
        second.page.locator("#welcome-alert", has_text="4 answers restored").wait_for()
        assert second.page.locator("#rater").input_value() == "R1"
        second.enter()
        assert second.counted.startswith("4 of ")
        again = json.loads(second.download(tmp_path / "again.json").read_text())
        before = json.loads(file.read_text())
        assert {**again, "saved": ""} == {**before, "saved": ""}

        for name, content, said in (
            ("other.json", {**before, "kit": "000000000000"}, "belong to another rating page"),
            ("broken.json", [1], "holds no answers"),
        ):
            second.page.set_input_files("#file", written(name, content))
            second.page.locator("#alert", has_text=said).wait_for()
        assert second.counted.startswith("4 of ")


@pytest.mark.slow
def test_the_page_fits_every_width(pilot: Magnet, tmp_path: Path):
    kit = export(pilot, tmp_path, "--pairs", 1)
    panels = {"l": "left", "r": "right", "q": "questions"}
    with browser() as opened:
        for width in (360, 820, 1440):
            rater = rater_at(opened, viewport={"width": width, "height": 780})
            rater.start(kit, "R1")
            for key, panel in panels.items():
                rater.press(key)
                shown = {n for n in panels.values() if rater.page.locator(f"#{n}").is_visible()}
                assert shown == ({panel} if width == 360 else set(panels.values()))
                assert rater.page.evaluate("document.documentElement.scrollWidth") <= width
