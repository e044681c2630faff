"""How requests reach an endpoint: straight, or through the proxy that the environment names.

The probe and the calls of a session go the same way. `HTTPS_PROXY`, `HTTP_PROXY` and `ALL_PROXY`
count, upper case or lower, and `NO_PROXY`: names with all below them, addresses, networks (CIDR)
and `*`. This machine itself is never reached through a proxy.
"""

import os
import ssl
from ipaddress import ip_address, ip_network
from urllib.parse import urlsplit

import httpx
from httpx_aiohttp import AiohttpTransport

from magnet.models.settings import CONFIG_FILE, SettingsError
from magnet.state.addresses import shown_url

_MOST_CONNECTIONS = 1024
"""Hundreds of sessions wait on one server; it decides how many it serves at once."""
_SOCKS = ("socks5", "socks5h")
_PROXIES = ("http", "https", *_SOCKS)


def transport_to(url: str, provider: str = "") -> httpx.AsyncBaseTransport:
    """Return what carries requests to an address.

    Args:
        url: The address.
        provider: Whose it is, for messages.

    Raises:
        SettingsError: The address, its proxy or the file of certificates cannot be used.
    """
    limits = httpx.Limits(
        max_connections=_MOST_CONNECTIONS, max_keepalive_connections=_MOST_CONNECTIONS
    )
    try:
        found = proxy_for(url)
        httpx.URL(url)
    except (ValueError, httpx.InvalidURL) as error:
        raise SettingsError(
            f"{shown_url(url)} cannot be read as an address: {error}. Set base_url under "
            f"[providers.{provider}] in {CONFIG_FILE}"
        ) from error
    certificates = _certificates()
    if "@" in urlsplit(url).netloc:
        raise SettingsError(
            f"{shown_url(url)}: its base_url holds a user or a password. Put them into headers "
            f'under [providers.{provider}] in {CONFIG_FILE}: Authorization = "Basic ..."'
        )
    if found is None:
        return AiohttpTransport(limits=limits, verify=certificates)
    variable, address = found
    scheme = urlsplit(address).scheme
    if scheme not in _PROXIES:
        raise SettingsError(
            f"{variable}: {shown_url(address)} is no proxy that can be used; expected "
            f"{', '.join(f'{one}://HOST:PORT' for one in _PROXIES)}"
        )
    try:
        proxy = httpx.Proxy(address)
        if scheme in _SOCKS:
            return httpx.AsyncHTTPTransport(proxy=proxy, limits=limits, verify=certificates)
    except ImportError as error:
        raise SettingsError(
            f"{variable}: a proxy by SOCKS needs socksio, which is not installed. Install it: "
            "pip install socksio"
        ) from error
    except (httpx.InvalidURL, ValueError) as error:
        raise SettingsError(
            f"{variable}: {shown_url(address)} cannot be read as an address"
        ) from error
    return AiohttpTransport(limits=limits, verify=certificates, proxy=proxy)


def proxy_for(url: str) -> tuple[str, str] | None:
    """Return the variable that names the proxy for an address, and the proxy; none goes straight.

    Raises:
        ValueError: The address cannot be read.
    """
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port
    if not host or _is_this_machine(host) or _is_left_out(host, port):
        return None
    for name in (f"{parts.scheme}_proxy", "all_proxy"):
        for variable in (name, name.upper()):
            if value := os.environ.get(variable, "").strip():
                return variable, value if "://" in value else f"http://{value}"
    return None


def _is_this_machine(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _is_left_out(host: str, port: int | None) -> bool:
    listed = os.environ.get("no_proxy") or os.environ.get("NO_PROXY") or ""
    return any(_covers(entry.strip().lower(), host.lower(), port) for entry in listed.split(","))


def _covers(entry: str, host: str, port: int | None) -> bool:
    if not entry:
        return False
    if entry == "*":
        return True
    if entry.startswith("["):
        entry, _, rest = entry[1:].partition("]")
        entry_port = rest.removeprefix(":")
    elif entry.count(":") == 1:
        entry, _, entry_port = entry.partition(":")
    else:
        entry_port = ""
    if entry_port and entry_port != str(port):
        return False
    try:
        return ip_address(host) in ip_network(entry, strict=False)
    except ValueError:
        name = entry.removeprefix("*").removeprefix(".")
        return host == name or host.endswith(f".{name}")


def _certificates() -> ssl.SSLContext:
    names = ("SSL_CERT_FILE", "SSL_CERT_DIR")
    named = {name: os.environ[name] for name in names if name in os.environ}
    try:
        return httpx.create_ssl_context()
    except OSError as error:
        said = ", ".join(f"{name}={path}" for name, path in named.items())
        raise SettingsError(
            f"{said or 'certificates'}: cannot be read ({error.strerror or error}). Name a file of "
            "certificates, or unset the variable"
        ) from error
