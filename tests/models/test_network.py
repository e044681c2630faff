"""Calls and probes go to an endpoint by one way, and never by a proxy to this machine."""

import pytest

from magnet.models.network import proxy_for, transport_to
from magnet.models.settings import SettingsError

PROXY = "http://proxy.example:3128"
VARIABLES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR")


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.mark.parametrize(
    ("url", "variable"),
    [
        ("https://api.example/v1", "HTTPS_PROXY"),
        ("https://api.example/v1", "https_proxy"),
        ("http://api.example/v1", "HTTP_PROXY"),
        ("http://api.example/v1", "ALL_PROXY"),
        ("https://api.example/v1", "all_proxy"),
    ],
)
def test_the_environment_names_the_proxy(
    monkeypatch: pytest.MonkeyPatch, url: str, variable: str
) -> None:
    assert proxy_for(url) is None
    monkeypatch.setenv(variable, PROXY)
    assert proxy_for(url) == (variable, PROXY)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8000/v1",
        "http://127.8.8.8/v1",
        "http://localhost:8000/v1",
        "http://gpu.localhost/v1",
        "http://[::1]:8000/v1",
    ],
)
def test_this_machine_is_reached_straight(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("ALL_PROXY", PROXY)
    assert proxy_for(url) is None


@pytest.mark.parametrize(
    ("left_out", "url", "straight"),
    [
        ("*", "https://api.example/v1", True),
        ("api.example", "https://api.example/v1", True),
        ("example", "https://api.example/v1", True),
        (".example", "https://api.example/v1", True),
        ("*.example", "https://api.example/v1", True),
        ("other, API.example ", "https://api.example/v1", True),
        ("api.example:443", "https://api.example:443/v1", True),
        ("api.example:8443", "https://api.example:443/v1", False),
        ("xample", "https://api.example/v1", False),
        ("10.0.0.0/8", "http://10.1.2.3:8000/v1", True),
        ("10.0.0.0/8", "http://11.1.2.3:8000/v1", False),
        ("10.1.2.3", "http://10.1.2.3:8000/v1", True),
        ("[fd00::1]", "http://[fd00::1]:8000/v1", True),
        ("[fd00::1]:8000", "http://[fd00::1]:8000/v1", True),
        ("[fd00::1]:9000", "http://[fd00::1]:8000/v1", False),
        ("fd00::/8", "http://[fd00::1]:8000/v1", True),
        ("", "https://api.example/v1", False),
    ],
)
def test_what_is_left_out_is_reached_straight(
    monkeypatch: pytest.MonkeyPatch, left_out: str, url: str, straight: bool
) -> None:
    monkeypatch.setenv("ALL_PROXY", PROXY)
    monkeypatch.setenv("NO_PROXY", left_out)
    assert (proxy_for(url) is None) is straight


@pytest.mark.parametrize("proxy", ["socks://proxy.example:1080", "ftp://proxy.example"])
def test_a_proxy_that_cannot_be_used_is_told_by_its_variable(
    monkeypatch: pytest.MonkeyPatch, proxy: str
) -> None:
    monkeypatch.setenv("ALL_PROXY", proxy)
    with pytest.raises(SettingsError, match=r"ALL_PROXY: .* is no proxy that can be used"):
        transport_to("https://api.example/v1")


def test_the_password_of_a_proxy_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "socks://user:secret@proxy.example:1080")
    with pytest.raises(SettingsError) as error:
        transport_to("https://api.example/v1")
    assert "secret" not in str(error.value)


def test_certificates_that_are_not_there_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "/nowhere/ca.pem")
    with pytest.raises(SettingsError, match=r"SSL_CERT_FILE=/nowhere/ca\.pem: cannot be read"):
        transport_to("https://api.example/v1")


def test_an_address_with_a_port_that_is_none_is_told() -> None:
    with pytest.raises(SettingsError, match="cannot be read as an address"):
        transport_to("http://api.example:notaport/v1")
