"""Files and folders that cannot be read, and arbitrary content: read, or refused with reasons."""

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from magnet.state.intake import IntakeForm
from magnet.state.intake_error import IntakeError
from magnet.state.intake_files import read_clients
from tests.state.intake_samples import MINIMAL, problems, seed, three, write


@pytest.mark.parametrize(
    ("name", "content", "place", "said"),
    [
        ("a.yaml", b"", "", "an empty file"),
        ("a.json", b" \n", "", "an empty file"),
        ("a.yaml", b"# nothing\n", "", "None"),
        ("a.yaml", b"- name: Ana\n", "", "[{'name': 'Ana'}]"),
        ("a.yaml", b"just text", "", "'just text'"),
        ("a.yaml", b"name: Ana\nage: [1\n", "line 3, column 1", "<stream end>"),
        ("a.yaml", b"name: Ana\nage: 3\nname: Eva", "line 3, column 1", "name given twice"),
        ("a.yaml", b"a: 1\n---\nb: 2", "line 2, column 1", "another document"),
        ("a.yaml", b"name: Ana\nage: \x07", "line 2, column 6", r"'\x07'"),
        ("a.yaml", rb'name: "\UFFFFFFFF"', "", "cannot hold"),
        ("a.yaml", rb'"\ud800": 1', "", r"'\ud800'"),
        ("a.json", rb'{"name": "\ud800"}', "line 1 column 17", "hex escape"),
        ("a.yaml", b"[" * 5000, "", "nested without end"),
        ("a.yaml", b"&a [*a]", "line 1, column 1", "recursive"),
        ("a.json", b'{"name": "Ana",\n "age": }', "line 2 column 9", "expected value"),
        ("a.json", b"[" * 5000, "line 1 column 202", "recursion limit"),
        ("a.json", b"[]", "", "[]"),
        ("a.json", b"3", "", "3"),
        ("a.json", b'["x"]', "seed 1", "'x'"),
        ("a.yaml", b"name: Ana\nfamily: \xe9l\xe8ve", "line 2", "byte 0xe9"),
        ("a.json", "{}".encode("utf-16"), "line 1", "byte 0xff"),
        ("a.txt", b"name: Ana", "", "a name that ends in '.txt'"),
    ],
)
def test_unusable_file(tmp_path: Path, name: str, content: bytes, place: str, said: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    [(where, found, expected)] = problems(path)
    assert where == place
    assert said in found
    assert expected


@pytest.mark.parametrize("name", ["no.json", "no.yaml", "no", "no.txt"])
def test_missing_file(tmp_path: Path, name: str) -> None:
    assert [found for _, found, _ in problems(tmp_path / name)] == ["no such file"]


def test_forms_of_a_folder_by_name(tmp_path: Path) -> None:
    for name in ("c.yaml", "a.yml"):
        write(tmp_path / name, yaml.safe_dump(MINIMAL | {"name": name}))
    write(tmp_path / "b.json", [*three("Vera Stone"), seed("Ivo Stone")])
    write(tmp_path / "README.md", "not a form")
    write(tmp_path / "._c.yaml", "not a form")
    (tmp_path / "d.yaml").mkdir()
    clients = read_clients(tmp_path)
    assert [(client.number, client.form.name) for client in clients] == [
        (1, "a.yml"),
        *[(2, "Vera Stone")] * 3,
        (3, "Ivo Stone"),
        (4, "c.yaml"),
    ]


def test_problems_of_all_files_of_a_folder(tmp_path: Path) -> None:
    files = [
        write(tmp_path / name, text)
        for name, text in (("a.yaml", ""), ("b.json", "{"), ("c.yml", "x"))
    ]
    write(tmp_path / "good.yaml", yaml.safe_dump(MINIMAL))
    with pytest.raises(IntakeError) as repeats:
        read_clients(tmp_path)
    assert [problem.file for problem in repeats.value.problems] == files


def test_folder_without_forms(tmp_path: Path) -> None:
    write(tmp_path / "README.md", "hello")
    [(_, found, expected)] = problems(tmp_path)
    assert found == "a folder without intake forms"
    assert ".json, .yaml or .yml" in expected


# Surrogates cannot be written as UTF-8.
# YAML reads the Unicode line breaks as its own, and folds them.
_LINE_BREAKS = "\x85\u2028\u2029"
texts = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters=_LINE_BREAKS), min_size=1
).filter(str.strip)
forms = st.builds(
    IntakeForm,
    **{
        field: st.integers(5, 120) if field == "age" else texts for field in IntakeForm.model_fields
    },
)
# The folder is shared by all examples of a test: each writes its one file anew.
in_one_folder = settings(
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@in_one_folder
@given(form=forms, allow_unicode=st.booleans())
def test_any_form_reads_back_equal(tmp_path: Path, form: IntakeForm, allow_unicode: bool) -> None:
    path = tmp_path / "form.yaml"
    text = yaml.safe_dump(form.model_dump(), allow_unicode=allow_unicode)
    path.write_bytes(text.encode())
    assert read_clients(path)[0].form == form


def read_or_refuse(path: Path) -> None:
    try:
        clients = read_clients(path)
    except IntakeError as error:
        assert error.problems
        assert str(error)
    else:
        assert clients


YAML_SCRAPS = [*"[]{}:,-?&*!|>'\"%#~ \n\t", "name: ", "age: ", "opening: ", "!!int ", "---\n", "\\"]


@in_one_folder
@given(
    content=st.binary() | st.lists(st.sampled_from(YAML_SCRAPS)).map(lambda s: "".join(s).encode()),
    suffix=st.sampled_from([".yaml", ".json"]),
)
def test_any_bytes_are_read_or_refused(tmp_path: Path, content: bytes, suffix: str) -> None:
    path = tmp_path / f"any{suffix}"
    path.write_bytes(content)
    read_or_refuse(path)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@in_one_folder
@given(changes=st.dictionaries(st.sampled_from([*IntakeForm.model_fields, "opening"]), values))
def test_any_value_in_a_form_is_read_or_refused(tmp_path: Path, changes: dict[str, Any]) -> None:
    read_or_refuse(write(tmp_path / "form.json", MINIMAL | changes))


@in_one_folder
@given(data=st.data())
def test_any_value_in_a_seed_is_read_or_refused(tmp_path: Path, data: st.DataObject) -> None:
    changed = copy.deepcopy(seed())
    inner = data.draw(
        st.sampled_from([changed, changed["AI_client"], changed["AI_counselor"]["CBT"]])
    )
    inner[data.draw(st.sampled_from(list(inner)))] = data.draw(values)
    read_or_refuse(write(tmp_path / "seed.json", changed))
