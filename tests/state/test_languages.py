"""A second language is one folder: here a made-up one, of another distribution."""

import re
from pathlib import Path
from random import Random

import pytest

from magnet.nodes.checking import check
from magnet.nodes.cleaning import clean
from magnet.nodes.director.lexicon import load_lexicon
from magnet.nodes.director.lines import asks_about, goodbye, leave_taking, says_it_leaves
from magnet.state.director import LeaveReason, RiskKind
from magnet.state.function_words import content_words
from magnet.state.languages import ENGLISH, UnknownLanguageError, load_language
from magnet.state.plugins import PluginError
from magnet.state.text import repeats_a_sentence, sentences, whole_sentences
from magnet.state.utterance import Speaker

_PACKAGE = r"""
import re
from importlib.resources import files

from magnet.state.languages import (
    NEVER, Language, PersonWords, RoleWords, SentenceMarks, SpeechPatterns, TechniqueWords
)
from magnet.state.utterance import Speaker

LANGUAGE = Language(
    folder=files(__name__),
    stemmer="esperanto",
    sentences=SentenceMarks(
        between=re.compile(r"(?<=/)\s+"), no_end=re.compile(r"\bktp/$"), glued=NEVER
    ),
    roles=RoleWords(
        speakers={Speaker.COUNSELOR: "belo", Speaker.CLIENT: "kamo"}, before="la ", after=""
    ),
    speech=SpeechPatterns(
        note=re.compile(r"\(noto:[^)]*\)"),
        stage_note=NEVER,
        preface=re.compile(r"jen mia respondo:\s*"),
        assistant_voice=re.compile(r"mi estas modelo"),
        about_the_work=NEVER,
        about_the_counselor=re.compile(r"la belo"),
        about_by_name=lambda name: re.compile(rf"{re.escape(name)} estas"),
        called_by_name=lambda name: re.compile(rf"saluton, {re.escape(name)}"),
        closing_cue=re.compile(r"adiau"),
        formula=NEVER,
        lead_in=NEVER,
        several_sessions=NEVER,
    ),
    techniques=TechniqueWords(
        name=re.compile("demandado"),
        bracketed=NEVER,
        leading=NEVER,
        used_to=NEVER,
        modal=NEVER,
        trailing=re.compile(r" per demandado"),
    ),
    persons=PersonWords(
        first=frozenset({"mi"}),
        second=frozenset({"vi"}),
        only={Speaker.COUNSELOR: re.compile("kiel vi fartas"), Speaker.CLIENT: NEVER},
    ),
)
"""
_RISK = r"""
negations: ["ne"]
negative_endings: []
lifts: 'nur'
denials: ['sen ']
also_denied: ''
harmless: ['morti de rido']
signs:
  self-harm: ['\bmorti\b']
  abuse: ['\bbatas min\b']
  danger-to-others: ['\bmortigi\b']
"""
_SAFETY = """
[safety.{kind}]
asks = 'mort'
ask = ["Cu vi volas morti?"]
help = ["Voku helpon/"]
"""
_LINES = """
[goodbye]
lines = ["Gis, adiau/"]
[leaving]
said = 'mi foriras'
relieved = ["Mi foriras goje/"]
fed-up = ["Mi foriras kolere/"]
obligation = ["Mi foriras haste/"]
[help]
named = 'helpo'
[plan]
reason = "Nenio/"
steps = ["Unu/", "Du/"]
""" + "".join(_SAFETY.format(kind=kind) for kind in RiskKind)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The name of a language that another distribution brings."""
    folder = tmp_path_factory.mktemp("site")
    _install(folder, "tiny", "tiny_language:LANGUAGE")
    package = folder / "tiny_language"
    package.mkdir()
    (package / "__init__.py").write_text(_PACKAGE)
    (package / "function-words.txt").write_text("la kaj")
    (package / "risk.yaml").write_text(_RISK)
    (package / "lines.toml").write_text(_LINES)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(folder)
        load_language("tiny")
    return "tiny"


def _install(folder: Path, name: str, value: str) -> None:
    info = folder / f"{name}-1.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\n")
    (info / "entry_points.txt").write_text(f"[magnet.languages]\n{name} = {value}\n")


def test_texts_are_split_by_the_marks_of_the_language(tiny: str) -> None:
    text = "Unu ktp/ Du/ Tri. Kvar/"
    assert sentences(text, tiny) == ["Unu ktp/", "Du/", "Tri. Kvar/"]
    assert whole_sentences(text, tiny) == ["Unu ktp/ Du/", "Tri. Kvar/"]
    assert sentences(text) == ["Unu ktp/ Du/ Tri.", "Kvar/"]
    long = "La suno brilas kaj mi kantas"
    assert repeats_a_sentence(f"Jes/ {long}/", [f"{long}/ Ne/"], tiny)
    assert not repeats_a_sentence(f"Jes/ {long}/", [f"{long}/ Ne/"])


def test_content_words_are_without_its_function_words(tiny: str) -> None:
    assert content_words("la suno kaj the", tiny) == ["suno", "the"]
    assert content_words("la suno kaj the") == ["suno", "kaj"]


def test_answers_are_cleaned_by_its_patterns(tiny: str) -> None:
    said = "jen mia respondo: La belo: Rigardu gin per demandado/ (noto: jen)\nKamo: Jes/"
    assert clean(said, Speaker.COUNSELOR, language=tiny).text == "Rigardu gin/"
    assert "respondo" in clean(said, Speaker.COUNSELOR).text


@pytest.mark.parametrize(
    ("text", "failed"),
    [
        ("mi estas modelo", "assistant-voice"),
        ("kiel vi fartas hodiau", "other-role"),
        ("saluton, Vera", "own-name"),
        ("nu Vera estas tie", "about-the-work"),
        ("kamo: jes", "role-label"),
        ("vi vi vi vi vi vi bone", "other-role"),
    ],
)
def test_answers_are_checked_by_its_patterns(tiny: str, text: str, failed: str) -> None:
    assert failed in check(text, Speaker.CLIENT, [], client_name="Vera", language=tiny)
    assert failed not in check(text, Speaker.CLIENT, [], client_name="Vera")


def test_its_signs_of_danger_and_lines_are_used(tiny: str) -> None:
    found = load_lexicon(tiny).find
    assert [one.kind for one in found("mi volas morti")] == [RiskKind.SELF_HARM]
    assert found("mi ne volas morti") == found("mi volis morti de rido") == []
    assert goodbye(Random(0), tiny) == "Gis, adiau/"
    assert says_it_leaves(leave_taking(LeaveReason.RELIEVED, Random(0), tiny), tiny)
    assert asks_about(RiskKind.ABUSE, "Cu vi volas morti?", tiny)


def test_a_language_that_is_none_is_told_with_those_that_there_are() -> None:
    with pytest.raises(UnknownLanguageError, match="'klingon'; there are en"):
        load_language("klingon")


def test_an_entry_point_that_is_no_language_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _install(tmp_path, "broken", "os:sep")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(PluginError, match="language 'broken': expected a Language, found '/'"):
        load_language("broken")


def test_no_english_is_matched_outside_the_folder_of_english() -> None:
    """Look for patterns with words of English in the rooms that read what was said."""
    root = Path(__file__).parents[2]
    telling = re.compile(r"\b(?:you|your|the|i'm|client|therapist|counsell\?or)\b")
    found = [
        f"{path.relative_to(root)}:{number}"
        for room in ("state", "nodes", "evals/quality", "evals/diversity", "training")
        for path in sorted((root / room).rglob("*.py"))
        if "languages" not in path.parts
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if re.search(r"\br[fb]?\"|\bfr\"", line) and telling.search(line)
    ]
    assert found == []
    assert load_language(ENGLISH).speech.closing_cue.search("Goodbye.")
