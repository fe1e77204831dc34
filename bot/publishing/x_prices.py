"""What X charges for a post."""

from __future__ import annotations

from bot.text.links import has_link

#: "Post: Create", $0.015 a request, in millionths of a dollar: X API pricing, pay-per-use, since 2026-04-20
#: (docs.x.com, pricing, read 2026-08-22). Requests that fail are not billed.
POST_USD_MICROS = 15_000
#: "Post: Create (with URL)", $0.200 a request; same page, same day.
POST_WITH_LINK_USD_MICROS = 200_000
#: "Media metadata", $0.005 a request: a picture's words for those who do not see it; same page, same day.
PICTURE_USD_MICROS = 5_000


def cost_usd_micros(text: str, *, has_picture: bool = False) -> int:
    """Price of publishing one text on X, in millionths of a US dollar. Other networks cost nothing."""
    picture = PICTURE_USD_MICROS if has_picture else 0
    return picture + (POST_WITH_LINK_USD_MICROS if has_link(text) else POST_USD_MICROS)
