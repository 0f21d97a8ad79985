"""Both Pythons run these tests; the connector's are collected where Rasa is installed."""

import importlib.util

collect_ignore = [] if importlib.util.find_spec("rasa") else ["connector"]
