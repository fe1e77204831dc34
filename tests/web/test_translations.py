"""The translations are whole: every sentence of the console, in Arabic and Turkish, with its places."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po

from bot.web.speech import ngettext, speaking
from bot.web.speech.catalogues import FOLDER
from bot.web.speech.known import PATTERNS

_WEB = Path(__file__).parents[2] / "bot" / "web"
_METHODS = [("**.py", "python"), ("templates/**.html", "jinja2")]
_PLACE = re.compile(r"%\((\w+)\)s|\{(\w+)\}")
#: Latin words that Arabic readers know as they are: names, formats, what is typed.
_AS_THEY_ARE = frozenset(
    " ".join(
        (
            "BOT_X_MONTHLY_BUDGET_USD approval UTF www.example.org total women men",
            "API Asia Bluesky CSV CW Damascus Enter Esc Escape Excel IANA JSON LibreOffice Lines M Mastodon",
            "PAUSE PostgreSQL QR SVG Shift TLS TOTP TSV Tab Telegram URL UTC X a add api.x.com ar bdi bot br",
            "campaign campaign.yaml class code com console.key days dir em en example false hours href http",
            "https items kbd key lang log ltr minutes my_campaign_x name org role rtl run span strong",
            "template text total tr true tzdata users verify www x yaml z",
            "BOT_TOKEN BotFather api.telegram.org",
            "BOT_DATA_DIR bsky.app bsky.social campaign.example.org handle",
            "AVI AVIF BMP EXIF GIF HEIC JPEG Matroska PDF PNG RGB TIFF WebM WebP XL XMP ZIP sRGB",
        )
    ).split()
)
#: Sentences whose `{n}` is always one, which Arabic says without a figure.
_OF_ONE = frozenset({"{n} fact", "{n} call", "{n} post to come was held as well: nobody could look for it"})
_WORD = re.compile(r"[A-Za-z][A-Za-z_.]*[A-Za-z]|[A-Za-z]")


def catalogue(language: str) -> Catalog:
    with (FOLDER / language / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return read_po(file, locale=language)


def forms(message: Message) -> list[str]:
    return [message.string] if isinstance(message.string, str) else list(message.string)


def places(text: str) -> set[str]:
    return {one or other for one, other in _PLACE.findall(text)}


def all_places(language: str) -> set[str]:
    return {place for sentence, _ in translated(language) for place in places(sentence)}


def is_pattern(sentence: str) -> bool:
    return any(sentence == (one if isinstance(one, str) else one[1]) for one in PATTERNS)


def translated(language: str) -> Iterator[tuple[str, Message]]:
    for message in catalogue(language):
        if message.id:
            yield (message.id if isinstance(message.id, str) else message.id[0]), message


@pytest.mark.parametrize("language", ["ar", "tr"])
def test_every_sentence_of_the_pages_stands_in_the_translations(language: str) -> None:
    known = {
        (message.id if isinstance(message.id, tuple) else (message.id,)) for message in catalogue(language)
    }

    found = extract_from_dir(_WEB, _METHODS, keywords={**DEFAULT_KEYWORDS, "noted": None})
    missing = [
        f"{file}:{line}: {sentence}"
        for file, line, sentence, *_ in found
        if (tuple(sentence) if isinstance(sentence, tuple) else (sentence,)) not in known
    ]

    assert missing == [], "run `make messages`, then translate"


@pytest.mark.parametrize("language", ["ar", "tr"])
def test_no_sentence_is_left_without_its_translation(language: str) -> None:
    wanting = [
        sentence for sentence, message in translated(language) if message.fuzzy or not all(forms(message))
    ]

    assert wanting == []


@pytest.mark.parametrize("language", ["ar", "tr"])
def test_translations_keep_the_places_of_their_sentences(language: str) -> None:
    lost = []

    for sentence, message in translated(language):
        wanted = places(sentence)
        for number, form in enumerate(forms(message)):
            # Languages say one and two without a figure.
            without_figure = not isinstance(message.string, str) and number < 3
            spared = {"num"} if without_figure else {"n"} if sentence in _OF_ONE else set()
            if not wanted - spared <= places(form) <= wanted | {"num"}:
                lost.append(f"{sentence!r}: {form!r}")

    assert lost == []


@pytest.mark.parametrize(("language", "number"), [("ar", 6), ("tr", 1)])
def test_counts_have_all_forms_of_the_language(language: str, number: int) -> None:
    counted = [message for _, message in translated(language) if isinstance(message.id, tuple)]

    assert catalogue(language).num_plurals == number
    assert {len(message.string) for message in counted} == {number}


def test_arabic_holds_no_latin_words() -> None:
    foreign = [
        f"{word} in {form!r}"
        for _, message in translated("ar")
        for form in forms(message)
        for word in _WORD.findall(_PLACE.sub(" ", re.sub(r"`[^`]*`|<[^>]*>", " ", form)))
        if word not in _AS_THEY_ARE
    ]

    assert foreign == []


@pytest.mark.parametrize("language", ["ar", "tr"])
def test_markup_is_that_of_the_sentence(language: str) -> None:
    tags = re.compile(r"</?[a-z]+")
    other = [
        sentence
        for sentence, message in translated(language)
        for form in forms(message)
        if sorted(tags.findall(form)) != sorted(tags.findall(sentence))
    ]

    assert other == []


@pytest.mark.parametrize("language", ["ar", "tr"])
def test_sentences_take_their_values_without_a_stray_percent_sign(language: str) -> None:
    values = dict.fromkeys(all_places(language), "0")

    for sentence, message in translated(language):
        # Those of the bot itself have places in braces, and are no format strings of gettext's kind.
        if not is_pattern(sentence):
            for form in (sentence, *forms(message)):
                assert form % values


@pytest.mark.parametrize(
    ("count", "written"),
    [
        pytest.param(0, "لا منشورات", id="zero"),
        pytest.param(1, "منشور واحد", id="one"),
        pytest.param(2, "منشوران", id="two"),
        pytest.param(3, "3 منشورات", id="few"),
        pytest.param(10, "10 منشورات", id="ten"),
        pytest.param(11, "11 منشوراً", id="many"),
        pytest.param(99, "99 منشوراً", id="ninety-nine"),
        pytest.param(100, "100 منشور", id="hundred"),
        pytest.param(1003, "1,003 منشورات", id="thousand-and-three"),
    ],
)
def test_arabic_counts_posts_in_six_forms(count: int, written: str) -> None:
    with speaking("ar"):
        assert ngettext("%(num)s post", "%(num)s posts", count) == written
