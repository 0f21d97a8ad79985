"""What led a shopper here, and what of the seller's they point at: links, advertisements, stories, posts."""

from __future__ import annotations

from typing import Optional

from channels.messages import Referral
from channels.meta.nodes import Json, child, items, name_at, text_at

SHARES = ("share", "post", "ig_post", "media_share", "reel", "ig_reel", "ig_story", "story", "fallback")
SHARE_IDS = ("ig_post_media_id", "reel_video_id", "ig_reel_media_id", "story_media_id", "id")
SOURCES = {"ads": "ad"}


def referral(node: Json) -> Optional[Referral]:
    """A ``referral``: an ``ig.me`` link with ``ref``, an advertisement, a product of the seller's shop."""
    if not node:
        return None
    product = child(node, "product")
    source = (text_at(node, "source", 100) or ("product" if product else "link")).lower()
    return Referral(
        source=SOURCES.get(source, source),
        ref=text_at(node, "ref", 2100),
        source_id=name_at(node, "ad_id", 200) or name_at(product, "id", 200),
        source_url=text_at(node, "referer_uri", 2000),
        headline=text_at(child(node, "ads_context_data"), "ad_title", 500),
        sku=name_at(product, "retailer_id", 200),
    )


def story(node: Json) -> Optional[Referral]:
    """The seller's own story, when a message is a reply to it. Its address is good for a day."""
    if not node:
        return None
    return Referral(
        source="story_reply", source_id=name_at(node, "id", 200), source_url=text_at(node, "url", 2000)
    )


def attached(attachment: Json) -> Optional[Referral]:
    """What an attachment that is no file of the shopper's own points at.

    A story they mention the seller in may be looked at while it lasts and must not be kept (Meta's "Story
    Mention"), so it is an address here and never a file to fetch; so is what others posted.
    """
    kind, held = text_at(attachment, "type", 100), child(attachment, "payload")
    for product in items(child(held, "product"), "elements"):
        return Referral(
            source="product",
            source_id=name_at(product, "id", 200),
            headline=text_at(product, "title", 500),
            sku=name_at(product, "retailer_id", 200),
        )
    if kind is None or (kind != "story_mention" and kind not in SHARES):
        return None
    found = (name_at(held, name, 200) for name in SHARE_IDS)
    return Referral(
        source=kind,
        source_id=next((identity for identity in found if identity), None),
        source_url=text_at(held, "url", 2000) or text_at(attachment, "url", 2000),
        headline=text_at(held, "title", 500) or text_at(attachment, "title", 500),
    )
