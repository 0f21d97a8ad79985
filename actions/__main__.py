"""The action server: ``python -m actions --actions actions``, with rasa-sdk's own arguments.

Ends with a sentence, before anything is served, when a setting is missing.
"""

import os

from rasa_sdk.__main__ import main

from channels.settings import BotSettings, SettingsMissing


def start() -> None:
    """Serves until it is stopped."""
    try:
        BotSettings.read(os.environ)
    except SettingsMissing as missing:
        raise SystemExit(str(missing)) from None
    main()  # type: ignore[no-untyped-call]  # rasa-sdk leaves it without types


# rasa-sdk imports every file of this package as it looks for actions.
if __name__ == "__main__":
    start()
