"""Addresses as messages name them."""

import re

_USER = re.compile(r"(?<=//)[^/?#]*@")
_QUERY = re.compile(r"[?#].*", re.S)


def shown_url(url: str) -> str:
    """Return an address without user, password, query and fragment, whether it is valid or not."""
    return _USER.sub("", _QUERY.sub("", url))
