"""Where the links people are given lead: pages of the desk at the platform's public address."""

from urllib.parse import urlencode

from commerce_api.core.settings import Settings


def invitation(settings: Settings, token: str) -> str:
    """The link of an invitation."""
    return _address(settings, "invitation", token)


def reset(settings: Settings, token: str) -> str:
    """The link to a new password."""
    return _address(settings, "reset", token)


def _address(settings: Settings, page: str, token: str) -> str:
    # In the query, which no log of ours writes down; the path is logged.
    return f"{settings.public_url.rstrip('/')}/console/{page}?{urlencode({'token': token})}"
