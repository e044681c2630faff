"""A provider: the endpoint of a lab, under a name that everybody there can use.

`--model gateway:MODEL` then works on every machine where this is installed, without a table in
`magnet.toml`. One that somebody writes nevertheless is laid over this: `[providers.gateway]` with a
`timeout` changes the timeout alone.
"""

import os

from magnet.models.providers import Provider


def gateway() -> Provider:
    """Return the endpoint; a plain `Provider` will do where nothing has to be looked up.

    The key itself stays in the environment: name the variable that holds it (`key_variable`).
    """
    return Provider(
        base_url=os.environ.get("GATEWAY_URL", "http://gateway.example.org/v1"),
        timeout=60,
    )
