"""Telling an address from other talk, and taking it out of the sentence that gives it."""

import re

LONGEST = 300
_PLACE_WORDS = """
street st road rd avenue ave close crescent drive lane way estate house flat plot block floor
apartment apt suite opposite behind beside near junction roundabout phase gra bus-stop busstop gate
court villa quarters compound building mall plaza market
"""
ADDRESS = (
    r"addres+|adress|adres|adireesi|adiresi|adireshi\w*|adr[eè]sse?|anwani|anuani|[aà]d[ií]r[eẹ́]+[sṣ][iì]"
)
"""How the word for it is written."""
_WRONG = re.compile(
    r"\b(wrong|incorrect|not (?:the )?(?:right|correct)|not my|mistake|error|change|si sahihi|sio|siyo"
    r"|nimekosea|makosa|mbaya|mauvaise?|fausse|pas (?:la )?bonne|erreur|tromp[eé]e?|changer|kuskure|ba daidai"
    r"|ba haka|canza|asise|àṣìṣe|ko ye|kò yẹ|kì í ṣe|kii se|no be)\b",
    re.IGNORECASE,
)
_SHORT = 7
_HAS_PLACE = re.compile(rf"\b({'|'.join(_PLACE_WORDS.split())})\b", re.IGNORECASE)
_NUMBERED = re.compile(r"\b(?:no\.?\s*)?\d+[a-z]?,?\s+[a-z]{3,}\s+[a-z]{3,}", re.IGNORECASE)
_QUESTION = re.compile(
    r"^\W*(how|what|when|where|who|why|which|do|does|did|can|could|will|would|is|are|hw|wetin)\b|\?\s*$",
    re.IGNORECASE,
)
_LEAD = re.compile(
    r"^\W*(?:(?:please|pls|sorry|no|ok|okay|actually|abeg|so)\b[\s,]*)*"
    r"(?:(?:my|the|our)\s+(?:new\s+|delivery\s+|home\s+|correct\s+)*address\s*(?:is|:|=)?|here\s+is\s+my\s+address:?|address\s*(?:is|:)?|"
    r"(?:deliver|send|bring)(?:\s+it)?\s+to|change\s+(?:the\s+|my\s+)?(?:delivery\s+)?address\s+to|change\s+it\s+to|"
    r"i\s+(?:live|stay)\s+(?:at|in|on)|use|it'?s|it\s+is|make\s+it)?\s*:?\s*",
    re.IGNORECASE,
)


def is_question(text: str) -> bool:
    """Whether the text asks something."""
    return bool(_QUESTION.search(text))


def looks_like_address(text: str) -> bool:
    """Whether the text surely holds a street, a house or a landmark."""
    return not is_question(text) and bool(_HAS_PLACE.search(text) or _NUMBERED.search(text))


def is_wrong_address(text: str) -> bool:
    """Whether it only says that the address is wrong, and gives no other."""
    is_short = len(text.split()) <= _SHORT and not any(letter.isdigit() for letter in text)
    return is_short and bool(re.search(rf"\b(?:{ADDRESS})", text, re.IGNORECASE) and _WRONG.search(text))


def address_in(text: str) -> str:
    """The address without the words that introduce it."""
    return _LEAD.sub("", text, count=1).strip(" ,.;")[:LONGEST] or text.strip()[:LONGEST]
