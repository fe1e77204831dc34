"""What is said of fact cards: why there can be none; and of the words beside a picture."""

from __future__ import annotations

from bot.web.speech.sentences import noted

CARDS: tuple[str | tuple[str, str], ...] = (
    noted("its words in {language} are too long for a card: {what}, or give it a picture of its own"),
    ('write a shorter wording under "short: {language}:"', noted("write a short wording in {language}")),
    ('cut "short: {language}:"', noted("shorten the short wording in {language}")),
    noted(
        "the campaign's title, its hashtag or the source in {language} is too long for a card: shorten it, "
        "or give the item a picture of its own"
    ),
    noted("no font of the cards has {text}: write it without, or give the item a picture of its own"),
    noted("its card could not be drawn ({text})"),
    noted(
        "the card's words in {language} are more than the {n} characters that {network} takes to describe a "
        "picture: shorten them"
    ),
    ('a card needs a source: name one under "source:"', noted("a card needs a source: name one")),
    (
        (
            "cards: typst or the fonts that cards are drawn with are not installed — pip install "
            "'campaign-bot[cards]'"
        ),
        noted("what draws cards is not installed on this machine: ask whoever runs it to install it"),
    ),
    (
        ('its picture is not described in {language}: say what it shows under "picture: alt: {language2}:"'),
        noted("its picture is not described in {language}: say what it shows"),
    ),
    (
        (
            "what its picture shows is told in {n} characters, and {network} takes {n2}: shorten it under "
            '"picture: alt: {language}:"'
        ),
        noted(
            "what its picture shows is told in {n} characters, and {network} takes {n2}: shorten the "
            "description in {language}"
        ),
    ),
)
