"""The icons, drawn as lines on a 24 × 24 grid in the colour of the text beside them."""

from markupsafe import Markup

PATHS = {
    "inbox": "M3 13h5l1.5 3h5L16 13h5M5 5h14l2 8v6H3v-6z",
    "orders": "M6 3h12v18l-3-2-3 2-3-2-3 2zM9 8h6M9 12h6",
    "products": "M4 8l8-5 8 5v9l-8 5-8-5zM4 8l8 5 8-5M12 13v9",
    "dashboard": "M4 20V10M10 20V4M16 20v-7M22 20H2",
    "settings": "M4 7h10M18 7h2M4 17h2M10 17h10M16 5v4M8 15v4",
    "search": "M11 4a7 7 0 110 14 7 7 0 010-14zM16 16l5 5",
    "person": "M12 4a4 4 0 110 8 4 4 0 010-8zM4 21c0-5 4-7 8-7s8 2 8 7",
    "back": "M15 5l-7 7 7 7",
    "send": "M4 12l17-8-6 17-3-7z",
    "photo": "M4 6h16v13H4zM4 16l5-5 4 4 3-3 4 4M15 10h.01",
    "note": "M5 4h14v11l-5 5H5zM14 20v-5h5",
    "clock": "M12 3a9 9 0 110 18 9 9 0 010-18zM12 7v5l3 2",
    "share": "M12 3v12M8 7l4-4 4 4M6 12v8h12v-8",
    "check": "M5 13l4 4L19 7",
    "label": "M4 4h8l8 8-8 8-8-8zM8 8h.01",
    "cart": "M3 4h3l2 11h10l2-8H7M9 20h.01M17 20h.01",
    "out": "M10 4H5v16h5M14 8l4 4-4 4M18 12H9",
    "plus": "M12 5v14M5 12h14",
    "bot": "M6 8h12v10H6zM12 8V4M9 12h.01M15 12h.01M9 18v2M15 18v2",
    "bell": "M6 17V11a6 6 0 1112 0v6l2 2H4zM10 21h4",
    "close": "M6 6l12 12M18 6L6 18",
    "shop": "M4 9l2-5h12l2 5M4 9v11h16V9M4 9h16M10 20v-6h4v6",
}
DRAWN = Markup(
    '<svg class="icon" viewBox="0 0 24 24" width="20" height="20" fill="none" stroke="currentColor"'
    ' stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">'
    '<path d="{}"/></svg>'
)


def icon(name: str) -> Markup:
    """An icon; KeyError for one that isn't drawn. It says nothing to screen readers: name the button."""
    return DRAWN.format(PATHS[name])
