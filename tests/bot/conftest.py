"""The trained assistant, without the shop behind it."""

import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from rasa.core.agent import Agent

from tests.bot import postgres

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture(scope="session")
def agent() -> Agent:
    """The newest model, as Rasa serves it; ``make test`` trains one that fits the data before."""
    models = sorted((ROOT / "models").glob("*.tar.gz"), key=lambda path: path.stat().st_ctime_ns)
    assert models, "There is no trained model; run make train."
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Rasa warns of a setting that it writes into every model itself
        return Agent.load(str(models[-1]))


@pytest.fixture(scope="session")
def database_url() -> Iterator[str]:
    """An empty database."""
    yield from postgres.serve()
