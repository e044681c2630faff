"""`magnet report`: a page that stands alone, read in a browser, and tables in LaTeX."""

import re
import shutil
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import pytest

from magnet.evals.report.latex import latex_table
from magnet.sessions.example_forms import example_folder
from magnet.state import Attitude
from magnet.state.table import Table, columns_of
from magnet.store.preferences import RaterKind
from tests.evals.judged import points_for
from tests.magnet.browser import browser
from tests.magnet.commands import Magnet, call
from tests.magnet.compared_runs import (
    COLD,
    WARM,
    store_arm,
    store_preferences,
    store_ratings,
)
from tests.magnet.judge_endpoint import judge_endpoint

HOSTILE = "</p></section><script>document.title = 'taken'</script><img src=x onerror=alert(1)>"
RUN = 'one <b onclick="x()">&amp; {{ 7 * 7 }} ```'


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with a run of two clients by two methods, which nobody has judged."""
    folder = tmp_path_factory.mktemp("played")
    run = ("generate", example_folder(), "--run", "pilot", "--methods", "magnet,cactus")
    done = call(folder, *run, "--limit", 2, "--model", "fake", "--turns", 4)
    assert done.code == 0, done.said
    return folder / "sessions.db"


def report(magnet: Magnet, folder: Path, *arguments: object) -> tuple[str, str]:
    """Write a report, and give the page and the Markdown."""
    done = magnet("report", *arguments, "--out", folder / "report")
    assert done.code == 0, done.said
    page = folder / "report" / "report.html"
    assert done.said.endswith("report.html")
    return page.read_text(), page.with_suffix(".md").read_text()


@pytest.mark.slow
def test_a_report_on_unjudged_sessions_says_what_is_missing(
    magnet: Magnet, played: Path, tmp_path: Path
) -> None:
    shutil.copy(played, tmp_path)
    page, text = report(magnet, tmp_path, "pilot", "--title", "Bread & butter")
    again = report(magnet, tmp_path, "pilot", "--title", "Bread & butter")
    assert again == (page, text), "the same report comes out again"
    assert "<title>Bread &amp; butter</title>" in page
    assert "ctrs: no judge has scored it: magnet eval pilot --metrics ctrs --judge MODEL_ID" in page
    assert "Nothing is judged, so no session can be called the best or the worst." in page
    assert "what a session takes" in page
    assert "counselor utterances that end with a question, over a session" in page
    for made in ("temperature 0.7, max tokens 512", "shared-first", "vl-convert-python"):
        assert made in page
    captions = re.findall(r"caption\{(\w+)", text)
    assert captions[:3] == ["arms", "diversity", "calls"]
    assert r"\begin{tabular}{lrrrr}" in text


def test_one_side_alone_is_described(magnet: Magnet, tmp_path: Path) -> None:
    store_arm(tmp_path, "warm", WARM, clients=range(2))
    page, _ = report(magnet, tmp_path, "warm")
    assert "One arm alone has nothing to be tested against." in page


def test_a_report_that_cannot_be_written_is_told(magnet: Magnet, tmp_path: Path) -> None:
    store_arm(tmp_path, "warm", WARM, clients=[1])
    (tmp_path / "taken").touch()
    done = magnet("report", "warm", "--out", tmp_path / "taken")
    assert done.code == 2
    assert "cannot be written" in done.said and "--out" in done.said


def judged_arms(magnet: Magnet, folder: Path) -> Sequence[str]:
    """Store three arms with hostile names and texts; judge, rate and prefer them."""
    attitudes = (Attitude.POSITIVE, Attitude.NEGATIVE)
    stored = {
        method: store_arm(folder, RUN, said, clients=range(2), attitudes=attitudes, method=method)
        for method, said in (("magnet", f"{WARM} {HOSTILE}"), ("cactus", COLD), ("psych8k", COLD))
    }
    store_preferences(folder, stored["magnet"], stored["cactus"], rater=HOSTILE)
    store_preferences(folder, stored["magnet"], stored["psych8k"], rater=HOSTILE)
    people = {"kind": RaterKind.HUMAN, "rater": "R1"}
    store_preferences(folder, stored["magnet"], stored["cactus"], **people)
    for sessions in stored.values():
        store_ratings(folder, sessions, "R1", 4)
    with judge_endpoint(points_for("i hear you")) as judge:
        judge.declare(folder)
        options = ("--metrics", "ctrs", "--judge", "ours:m", "--samples", 2)
        assert magnet("eval", RUN, *options).code == 0
    return list(stored)


@pytest.mark.slow
def test_the_page_in_a_browser(magnet: Magnet, tmp_path: Path) -> None:
    methods = judged_arms(magnet, tmp_path)
    html, text = report(magnet, tmp_path, RUN)
    assert HOSTILE not in html
    assert RUN not in html
    # Nothing of a text can end a block of code.
    assert text.count("~~~~~") == 2 * text.count("~~~~~latex")
    complaints: list[str] = []
    with browser() as opened:
        context = opened.new_context(offline=True, viewport={"width": 390, "height": 800})
        context.set_default_timeout(20_000)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("dialog", lambda dialog: complaints.append(dialog.message))
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto((tmp_path / "report" / "report.html").as_uri())
        assert page.title() == "Evaluation of counseling sessions"
        assert page.locator("script, img, b[onclick]").count() == 0
        assert page.evaluate("document.documentElement.scrollWidth") <= 390

        names = page.locator("h1, h2, h3").evaluate_all("all => all.map(h => h.tagName)")
        levels = [int(name.removeprefix("H")) for name in names]
        assert levels[0] == 1 and levels.count(1) == 1
        assert all(after <= before + 1 for before, after in pairwise(levels))

        totals = page.locator("table[aria-label^='ctrs: totals, judge ours:m']").first
        cells = totals.locator("tbody tr").nth(0).locator("th, td").all_inner_texts()
        assert cells[0] == f"{RUN}:magnet"
        assert cells[1].startswith("3.00")
        assert page.locator("table[aria-label='ctrs: agreement']").count() == 1
        for section in ("overview", "methods", "plots", "tests", "judges", "making", "sessions"):
            assert page.locator(f"section#{section}").count() == 1
        svgs = page.locator("figure svg")
        assert svgs.count() == 3
        assert f"{RUN}:cactus" in svgs.first.text_content().replace("\u00a0", " ")

        # By keyboard: the second link of the list is the second session, and opens to its text.
        link = page.locator("#sessions li a").nth(1)
        link.focus()
        page.keyboard.press("Enter")
        article = page.locator("article:target")
        summary = article.locator("summary").last
        summary.focus()
        page.keyboard.press("Enter")
        said = article.locator("li.counselor p").nth(1)
        assert said.is_visible()
        assert said.inner_text() == f"{WARM} {HOSTILE}"
        assert page.locator("#sessions article").count() == 4 * len(methods)

        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            ink = svgs.first.locator("text").first.evaluate("text => getComputedStyle(text).fill")
            body = page.evaluate("getComputedStyle(document.body).color")
            assert ink == body
    assert complaints == []
    assert {url.partition("#")[0] for url in asked} == {
        (tmp_path / "report" / "report.html").as_uri()
    }


def test_latex_takes_every_character_as_it_is() -> None:
    grid = Table(
        title=r"50 % of A&B \n_1 {x} #2 ~ ^ $",
        columns=columns_of("arm", "mean"),
        rows=[("[a]\nb", "\N{MINUS SIGN}1.0 <0.001 ∞")],
        note="So.",
    )
    table = latex_table(grid)
    assert (
        r"\caption{50 \% of A\&B \textbackslash{}n\_1 \{x\} \#2 \textasciitilde{} "
        r"\textasciicircum{} \$. So.}" in table
    )
    assert r"{} [a] b & $-$1.0 $<$0.001 $\infty$ \\" in table
    assert r"\begin{tabular}{lr}" in table
