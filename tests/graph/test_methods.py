"""The method table, and the files with methods of the user's own."""

from pathlib import Path

import pytest

from magnet.graph import Method, MethodError, load_methods, pick_method
from magnet.prompts import load_prompts
from magnet.state.technique import packaged_techniques

ALL = list(packaged_techniques())

# Source: MAGneT, arXiv 2509.04183: the method, its ablations, and the methods compared with it.
AGENTS = {
    "magnet": {"planner", *ALL, "selector", "fusion", "client"},
    "magnet-c": {*ALL, "selector", "fusion", "client"},
    "magnet-t": {"planner", *ALL, "fusion", "client"},
    "magnet-c-t": {*ALL, "fusion", "client"},
    "cactus": {"planner", "counselor", "client"},
    "psych8k": {"counselor", "client"},
    "finetuned": {"counselor", "client"},
    "magnet-plus": {"planner", "director", "feelings", *ALL, "selector", "fusion", "client"},
}

GOOD = """\
[three]
summary = "MAGneT with three specialists"
planner = "planner"
specialists = ["reflection", "questioning", "normalizing"]
selector = "selector"
fusion = "fusion"
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "methods.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_table_holds_the_methods_with_their_agents() -> None:
    assert {name: set(method.agents) for name, method in load_methods().items()} == AGENTS


def test_every_prompt_of_the_table_is_there_and_every_prompt_is_used() -> None:
    used = {prompt for method in load_methods().values() for prompt in method.agents.values()}
    assert used == set(load_prompts().prompts)


def test_only_a_method_with_a_plan_shows_it() -> None:
    prompts = load_prompts().prompts
    for method in load_methods().values():
        seen = {
            prompt_field for name in method.agents.values() for prompt_field in prompts[name].sees
        }
        assert ("plan" in seen) == ("planner" in method.agents)
        choice = {"techniques", "chosen_drafts"} & seen
        assert bool(choice) == ("selector" in method.agents)
        assert bool({"candidates", "chosen_drafts"} & seen) == bool(method.specialists)


def test_a_file_of_the_users_adds_methods(tmp_path: Path) -> None:
    methods = load_methods(write(tmp_path, GOOD))
    assert set(methods) == {*AGENTS, "three"}
    three = methods["three"]
    assert three.name == "three"
    assert three.agents["client"] == "client"
    assert list(three.specialists) == [
        "reflection",
        "questioning",
        "normalizing",
    ]
    assert methods["magnet"] == load_methods()["magnet"]


def test_a_file_of_the_users_replaces_methods(tmp_path: Path) -> None:
    text = '[psych8k]\ncounselor = "mine"\nclient = "my-client"\n'
    psych8k = load_methods(write(tmp_path, text))["psych8k"]
    assert psych8k.agents == {"counselor": "mine", "client": "my-client"}


def test_specialists_may_have_prompts_of_other_names(tmp_path: Path) -> None:
    text = '[m]\nfusion = "fusion"\n[m.specialists]\nreflection = "mirror"\nsolutions = "advice"\n'
    method = load_methods(write(tmp_path, text))["m"]
    assert method.agents == {
        "fusion": "fusion",
        "client": "client",
        "reflection": "mirror",
        "solutions": "advice",
    }


@pytest.mark.parametrize(
    ("table", "field", "expected"),
    [
        ('counsellor = "counselor-cactus"', "counsellor", "not permitted"),
        ('fusion = "fusion"\nspecialists = ["listening"]', "specialists.listening", "reflection"),
        ('fusion = "fusion"\nspecialists = "reflection"', "specialists: ", "valid dictionary"),
        ('fusion = 5\nspecialists = ["reflection"]', "fusion", "valid string"),
        ('counselor = "c"\nclient = false', "client", "valid string"),
        ('client = "client"', "", "exactly one of fusion and counselor"),
        (
            'fusion = "f"\ncounselor = "c"\nspecialists = ["reflection"]',
            "",
            "exactly one of fusion and counselor",
        ),
        ('fusion = "fusion"', "", "fusion needs specialists"),
        ('fusion = "fusion"\nspecialists = []', "", "fusion needs specialists"),
        ('counselor = "c"\nspecialists = ["reflection"]', "", "specialists needs fusion"),
        ('counselor = "c"\nselector = "selector"', "", "selector needs specialists"),
    ],
)
def test_a_bad_method_is_refused_by_file_method_and_field(
    table: str, field: str, expected: str, tmp_path: Path
) -> None:
    path = write(tmp_path, f"{GOOD}\n[mine]\n{table}\n")
    with pytest.raises(MethodError) as repeats:
        load_methods(path)
    told = str(repeats.value)
    assert told.startswith(f"{path}: [mine] {field}")
    assert expected in told


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[mine\n", "cannot be read as TOML"),
        ("mine = 5\n", "mine: expected a table [mine]"),
        ("[mine]\nfusion = [\n", "cannot be read as TOML"),
        (f"{GOOD}{GOOD}", "cannot be read as TOML"),
    ],
)
def test_a_file_without_tables_is_named(text: str, expected: str, tmp_path: Path) -> None:
    path = write(tmp_path, text)
    with pytest.raises(MethodError) as repeats:
        load_methods(path)
    assert str(repeats.value).startswith(f"{path}: ")
    assert expected in str(repeats.value)


def test_a_file_that_is_not_there_or_no_text_is_named(tmp_path: Path) -> None:
    (tmp_path / "binary.toml").write_bytes(b"\xff\xfe")
    for name in ("none.toml", "binary.toml"):
        with pytest.raises(MethodError) as repeats:
            load_methods(tmp_path / name)
        assert str(tmp_path / name) in str(repeats.value)


def test_a_method_is_named_after_its_table(tmp_path: Path) -> None:
    methods = load_methods(write(tmp_path, '[mine]\nname = "other"\ncounselor = "c"\n'))
    assert methods["mine"].name == "mine"


def test_a_method_is_picked_by_name() -> None:
    methods = load_methods()
    assert pick_method(methods, "magnet-c") is methods["magnet-c"]


@pytest.mark.parametrize(
    ("name", "nearest"), [("magnt", "magnet"), ("CACTUS", "cactus"), ("psych8", "psych8k")]
)
def test_an_unknown_method_is_named_with_the_nearest(name: str, nearest: str | None) -> None:
    with pytest.raises(MethodError) as repeats:
        pick_method(load_methods(), name)
    told = str(repeats.value)
    assert repr(name) in told
    assert (f"did you mean {nearest}?" in told) if nearest else ("did you mean" not in told)
    assert all(method in told for method in AGENTS)


def test_agents_name_their_prompts() -> None:
    method = Method.model_validate({"name": "m", "counselor": "c"})
    assert method.agents == {"counselor": "c", "client": "client"}
