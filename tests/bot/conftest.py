"""The assistant's own components, without a model."""

import pytest

from bot.components.choices import ChoiceResolver
from bot.components.line_items import LineItemExtractor


@pytest.fixture(scope="session")
def extractor() -> LineItemExtractor:
    """Draws line items out of texts."""
    return LineItemExtractor()


@pytest.fixture(scope="session")
def resolver() -> ChoiceResolver:
    """Resolves answers to what was offered."""
    return ChoiceResolver()
