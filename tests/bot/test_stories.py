"""What the assistant does next, along whole journeys (``test_stories.yml``); its actions are not run here."""

from pathlib import Path

import pytest
from rasa.core import test as rasa_test
from rasa.core.agent import Agent

STORIES = Path(__file__).parent / "test_stories.yml"


@pytest.mark.filterwarnings("ignore:Slot auto-fill")  # Rasa says so of what it writes into models itself
async def test_every_journey_goes_step_by_step_as_written(agent: Agent, tmp_path: Path) -> None:
    await rasa_test.test(str(STORIES), agent, out_directory=str(tmp_path), disable_plotting=True)
    failed = (tmp_path / "failed_test_stories.yml").read_text()
    assert "# None of the test stories failed" in failed, failed
