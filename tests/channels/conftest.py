"""Both Pythons run these tests; some need a library that one environment alone has."""

import importlib.util

NEEDED = {"rasa": "connector", "twilio": "twilio/test_against_twilios_own.py"}
collect_ignore = [path for library, path in NEEDED.items() if not importlib.util.find_spec(library)]
