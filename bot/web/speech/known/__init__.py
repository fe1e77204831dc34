"""The sentences that the bot stores or raises, by what they are about."""

from __future__ import annotations

from bot.web.speech.known.bluesky import BLUESKY
from bot.web.speech.known.cards import CARDS
from bot.web.speech.known.content import CONTENT
from bot.web.speech.known.mastodon import MASTODON
from bot.web.speech.known.networks import NETWORKS
from bot.web.speech.known.pictures import PICTURES
from bot.web.speech.known.plans import PLANS
from bot.web.speech.known.posts import POSTS
from bot.web.speech.known.stops import STOPS
from bot.web.speech.known.telegram import TELEGRAM
from bot.web.speech.known.texts import TEXTS

#: A pattern, or a pattern and what is shown instead of it.
PATTERNS: tuple[str | tuple[str, str], ...] = (
    *POSTS,
    *PLANS,
    *NETWORKS,
    *MASTODON,
    *BLUESKY,
    *TELEGRAM,
    *STOPS,
    *TEXTS,
    *CONTENT,
    *PICTURES,
    *CARDS,
)
