"""Providers: what ships, and what a table of `magnet.toml` lays over it."""

import json
from pathlib import Path

import pytest

from magnet.models.providers import PROVIDERS, Provider
from magnet.models.settings import Settings, load_settings
from tests.magnet.commands import Magnet
from tests.magnet.endpoint import endpoint


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_table_is_laid_over_the_provider_of_its_name(folder: Path) -> None:
    (folder / "magnet.toml").write_text("[providers.openai]\ntimeout = 30\n")
    assert load_settings().provider("openai") == PROVIDERS["openai"].model_copy(
        update={"timeout": 30}
    )


def test_another_address_keeps_the_key_and_the_name_of_the_limit(
    magnet: Magnet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with endpoint() as proxy:
        (tmp_path / "magnet.toml").write_text(
            f"[providers.openai]\nbase_url = {json.dumps(proxy.url)}\n"
        )
        refused = magnet("run", "--model", "openai:m", "--turns", 2)
        assert refused.code == 2
        assert "OPENAI_API_KEY" in refused.said
        monkeypatch.setenv("OPENAI_API_KEY", "k")
        assert magnet("run", "--model", "openai:m", "--turns", 2).code == 0
    assert proxy.keys == {"Bearer k"}
    assert load_settings().provider("openai").limit_field == "max_completion_tokens"


def test_variables_and_a_table_are_laid_over_each_other_and_what_ships(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "magnet.toml").write_text("[providers.openai]\ntimeout = 30\nretries = 1\n")
    monkeypatch.setenv("MAGNET_PROVIDERS__OPENAI__TIMEOUT", "40")
    found = load_settings().provider("openai")
    assert (found.timeout, found.retries) == (40, 1)
    assert found.key_variable == "OPENAI_API_KEY"


def test_an_empty_name_of_a_variable_needs_no_key(folder: Path) -> None:
    (folder / "magnet.toml").write_text('[providers.openai]\nkey_variable = ""\n')
    assert load_settings().provider("openai").key_variable is None


def test_a_whole_provider_is_taken_as_it_is() -> None:
    ours = Provider(base_url="http://localhost:1/v1")
    assert Settings(providers={"openai": ours}).provider("openai") == ours


def test_the_known_providers_are_listed(magnet: Magnet, tmp_path: Path) -> None:
    (tmp_path / "magnet.toml").write_text('[providers.ours]\nbase_url = "http://x/v1"\n')
    known = (*PROVIDERS, "ours")
    [listed] = [
        f for f in magnet("doctor", "--model", "fake", "--json").json if f["what"] == "providers"
    ]
    assert listed["good"]
    assert listed["found"] == ", ".join(known)
    refused = magnet("run", "--model", "nobody:m")
    assert refused.code == 2
    assert f"there are {', '.join(known)}" in refused.said
