"""Taking a person's name out of the sentence that gives it."""

import re

LONGEST = 60
_LEAD = re.compile(
    r"^\W*(?:(?:please|pls|sorry|no|ok|okay|actually|abeg|it'?s|it is|so)\b[\s,]*)*"
    r"(?:(?:my|the|her|his)\s+name\s+is|name\s*(?:is|:)|i\s*am|i'?m|i'?m\s+called|call\s+me|use(?:\s+the\s+name)?|"
    r"(?:put|write)(?:\s+(?:it|the order))?(?:\s+(?:in|under))?(?:\s+the\s+name(?:\s+of)?)?|"
    r"(?:the\s+)?order\s+in\s+the\s+name\s+of|change\s+(?:the\s+|my\s+)?name\s+to)?\s*:?\s*",
    re.IGNORECASE,
)
_NAME = re.compile(r"^[^\W\d_][^\W\d_.'’-]*(?:[ .'’-]+[^\W\d_][^\W\d_.'’-]*){0,5}$")
_NOT_NAMES = re.compile(
    r"\b(yes|no|ok|okay|hi|hello|hey|thanks|cancel|stop|help|checkout|cart|price|delivery|pickup|cash|another|"
    r"different|name|it|same|how|what|when|where|change|address)\b",
    re.IGNORECASE,
)


def name_in(text: str) -> str | None:
    """The name a text gives, capitalised when it was all lower case; None when it gives none."""
    name = _LEAD.sub("", text, count=1).strip(" ,.;!")
    name = re.sub(r"\s+as\s+(the|my)\s+name$", "", name, flags=re.IGNORECASE)
    if len(name) > LONGEST or not _NAME.match(name) or _NOT_NAMES.search(name):
        return None
    return name.title() if name.islower() else name
