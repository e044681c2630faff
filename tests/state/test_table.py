import sys
from math import nan
from types import SimpleNamespace

import pytest

from magnet.state.errors import MagnetError
from magnet.state.table import Cell, Column, Table, columns_of

TABLE = Table(
    title="means",
    columns=[Column("measure"), Column("run", "interval", "sessions: 2"), Column("p", "p")],
    rows=[
        [Cell("words", "Words"), Cell(1.5, "1.50 (1 to 2)", 1.0, 2.0), Cell(nan, "")],
        ["turns", 3, None],
    ],
)


def test_a_table_gives_texts_to_read_and_values_to_compute_with() -> None:
    assert TABLE.texts() == [["Words", "1.50 (1 to 2)", ""], ["turns", "3", ""]]
    assert TABLE.records() == [
        {"measure": "words", "run": 1.5, "run low": 1.0, "run high": 2.0, "p": None},
        {"measure": "turns", "run": 3, "run low": None, "run high": None, "p": None},
    ]


def test_words_stand_on_the_left_and_every_kind_of_number_on_the_right() -> None:
    assert [column.align for column in TABLE.columns] == ["left", "right", "right"]
    assert TABLE.columns[1].heading == "run\nsessions: 2"
    assert [c.kind for c in columns_of("a", "b", "c", text=2)] == ["text", "text", "number"]


def test_columns_of_one_name_lose_no_value() -> None:
    twice = Table(title="", columns=columns_of("a", "a"), rows=[["x", 1]])
    assert twice.records() == [{"a": "x", "a (2)": 1}]


def test_a_data_frame_is_made_where_pandas_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", SimpleNamespace(DataFrame=tuple))
    assert TABLE.to_pandas() == tuple(TABLE.records())
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(MagnetError, match="pandas, which is not installed"):
        TABLE.to_pandas()
