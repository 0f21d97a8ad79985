"""Tokens whose lemmas show the shape of a request, so that goods never decide what is wanted.

"how much is the velvet gown" reads "how much is the item": every word that could name goods becomes ``ITEM``
(a run of them once), numbers, units, colours and sizes their kind. A featurizer with ``use_lemma`` learns
from the shape, others from the words as they are.
"""

from __future__ import annotations

from typing import List, Text

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.nlu.tokenizers.tokenizer import Token
from rasa.nlu.tokenizers.whitespace_tokenizer import WhitespaceTokenizer
from rasa.shared.nlu.training_data.message import Message

from bot.components.carriers import CARRIERS, words
from bot.components.grammar import COLOURS, NUMBERS, SIZES, UNITS

NUMBER = "__NUMBER__"
ITEM = "__ITEM__"
AGAIN = "_"
_KNOWN = CARRIERS | words(
    """
account address agent area bank basket bot bye called cancelled card cart cash catalog catalogue categories
category checkout closed complain complaint courier damaged debited deliver delivered delivery discount
email error exchange exit expensive failed fake fee fees hello hi hours human language last link location
method methods mobile money morning moved mpesa negotiable negotiate night open option options pay payment
person phone pickup pin policy quality quit refund remove return returned review rider road robot shipped
shipping speak status stop street subscribe talk track transfer unsubscribe waybill welcome wrong
"""
)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER, is_trainable=False)
class ShapeTokenizer(WhitespaceTokenizer):  # type: ignore[misc]  # Rasa ships no types for it
    """Rasa's whitespace tokenizer, with the shape in the lemmas."""

    def tokenize(self, message: Message, attribute: Text) -> List[Token]:
        """The tokens of one attribute of a message."""
        tokens: List[Token] = super().tokenize(message, attribute)
        previous = ""
        for token in tokens:
            shape = shape_of(token.text)
            token.lemma = AGAIN if shape == ITEM and previous == ITEM else shape
            previous = shape
        return tokens


def shape_of(word: str) -> str:
    """The kind of a number, unit, colour or size; the word itself if it carries a request; else ``ITEM``."""
    lower = word.lower()
    if lower in NUMBERS or lower.isdigit():
        return NUMBER
    if lower in COLOURS:
        return "__COLOUR__"
    if lower in UNITS:
        return "__UNIT__"
    if lower in SIZES:
        return "__SIZE__"
    return lower if lower in _KNOWN else ITEM
