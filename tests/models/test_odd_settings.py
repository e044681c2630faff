"""Settings files that editors and accidents leave."""

from pathlib import Path

import pytest

from magnet.models.settings import SettingsError, load_settings

DEEP = b"a = " + b"[" * 5000 + b"]" * 5000


@pytest.mark.parametrize("content", [b"\xff\xfea\x00", DEEP], ids=["utf-16", "deep"])
def test_odd_settings_are_refused_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "magnet.toml").write_bytes(content)
    with pytest.raises(SettingsError, match=r"magnet\.toml"):
        load_settings()
