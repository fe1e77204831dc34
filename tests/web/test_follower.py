"""The text as a follower sees it: every character there, links and hashtags marked, nothing that runs."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.core.campaign import Network
from bot.web.look.follower import card_of, follower_text, shown_text, turning_marks, unseen_marks

_HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "&amp; &lt; &#60; {{ 7*7 }} {% raw %}",
    "#سوريا <b> https://example.org/a?b=<c>&d='e'",
    "العدد \u202e321\u202c نهاية",
    "a\r\nb\rc\n\n d",
    "@name #tag$CASH https://example.org",
]
#: NUL and lone surrogates are in no text that a database takes.
_TEXTS = st.text(
    st.one_of(
        st.sampled_from(list("<>&'\"#@$ \n\r./:سوريا123abc\u202e\u2069\u200b\u00ad")),
        st.characters(exclude_categories=["Cs"], exclude_characters="\0"),
    ),
    max_size=200,
)


class _Reader(HTMLParser):
    """What a browser makes of it: the characters, and every element with its attributes."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text = ""
        self.elements: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def _read(markup: str) -> _Reader:
    reader = _Reader()
    reader.feed(markup)
    reader.close()
    return reader


def _marked(text: str, network: Network = Network.X) -> dict[str, list[str]]:
    """What is marked as what, by the classes of the spans."""
    html = str(follower_text(text, network=network, language="ar"))
    found: dict[str, list[str]] = {}
    for piece in html.split('<span class="')[1:]:
        kind, _, rest = piece.partition('"')
        found.setdefault(kind, []).append(_read(rest.partition(">")[2].partition("</span>")[0]).text)
    return found


@given(text=_TEXTS, network=st.sampled_from(Network))
@example(text=_HOSTILE[0], network=Network.X)
@example(text=_HOSTILE[1], network=Network.X)
@example(text=_HOSTILE[2], network=Network.MASTODON)
@example(text=_HOSTILE[3], network=Network.X)
@example(text=_HOSTILE[4], network=Network.X)
@example(text=_HOSTILE[5], network=Network.TELEGRAM)
@example(text=_HOSTILE[6], network=Network.X)
def test_every_character_of_the_text_is_there_and_nothing_else(text: str, network: Network) -> None:
    read = _read(str(follower_text(text, network=network, language="ar")))

    assert read.text == shown_text(text, network=network)
    assert {tag for tag, _ in read.elements} <= {"div", "span"}
    assert {name for _, attrs in read.elements for name in attrs} <= {"class", "dir", "lang", "data-mark"}


@given(text=_TEXTS)
def test_a_network_that_shortens_no_link_shows_the_very_text(text: str) -> None:
    assert shown_text(text, network=Network.TELEGRAM) == text


@pytest.mark.parametrize("language", ['ar"><script>', "en"])
def test_the_language_is_an_attribute_whatever_it_holds(language: str) -> None:
    ((tag, attrs),) = _read(str(follower_text("x", network="x", language=language))).elements

    assert (tag, attrs["lang"]) == ("div", language)


def test_hashtags_mentions_and_links_are_marked_each_by_its_own_letters() -> None:
    marked = _marked("الحرية لـ #سوريا و#ليس @un_syria https://example.org/report #Syria")

    assert marked["hashtag"] == ["#سوريا", "#Syria"]
    assert marked["mention"] == ["@un_syria"]
    assert marked["link"] == ["example.org/report"]


def test_a_hashtag_inside_a_link_is_no_hashtag() -> None:
    assert _marked("https://example.org/a#b") == {"link": ["example.org/a#b"]}


@pytest.mark.parametrize(
    ("network", "url", "shown"),
    [
        pytest.param("x", "https://example.org/a/b", "example.org/a/b", id="x, short"),
        pytest.param("x", "https://www.example.org/", "example.org", id="x, a host alone"),
        pytest.param(
            "x", "https://example.org/reports/2026/march", "example.org/reports/2026/m…", id="x, long"
        ),
        pytest.param(
            "mastodon",
            "https://www.example.org/reports/2026/march/one",
            "example.org/reports/2026/march…",
            id="mastodon, long",
        ),
        pytest.param(
            "bluesky",
            "https://example.org/reports/2026/march",
            "https://example.org/reports/2026/march",
            id="bluesky",
        ),
        pytest.param("telegram", "https://example.org/a", "https://example.org/a", id="telegram"),
    ],
)
def test_a_link_is_shown_as_the_network_shows_it(network: str, url: str, shown: str) -> None:
    assert shown_text(f"see {url} now", network=network) == f"see {shown} now"


def test_marks_that_turn_the_direction_are_named_beside_the_text() -> None:
    text = "عدد \u202e123\u202c"

    assert _marked(text)["unseen"] == ["\u202e", "\u202c"]
    assert 'data-mark="RLO"' in follower_text(text, network="x", language="ar")
    assert turning_marks(text) == (
        "U+202E RIGHT-TO-LEFT OVERRIDE",
        "U+202C POP DIRECTIONAL FORMATTING",
    )
    assert unseen_marks(text) == ()


def test_a_joiner_inside_a_word_or_an_emoji_is_no_hidden_mark() -> None:
    text = "می\u200cخواهم 👩\u200d🔬 a\u200bb"

    assert turning_marks(text) == ()
    assert unseen_marks(text) == ("U+200B ZERO WIDTH SPACE",)


@pytest.mark.parametrize(
    ("text", "card"),
    [
        pytest.param("no link", None, id="none"),
        pytest.param("https://www.example.org/a?b=c x.org", ("example.org", "/a?b=c"), id="the first"),
        pytest.param("example.org", ("example.org", ""), id="bare host"),
    ],
)
def test_the_card_says_where_the_link_leads(text: str, card: tuple[str, str] | None) -> None:
    found = card_of(text)

    assert (None if found is None else (found.host, found.path)) == card


@given(text=_TEXTS)
def test_the_card_of_any_text_is_made_without_an_error(text: str) -> None:
    card_of(text)


def test_mastodon_gives_each_line_its_own_direction_and_x_the_whole_text_one() -> None:
    text = "#Syria\nالحرية للمعتقلين\nThe detained"

    assert "by-line" in follower_text(text, network="mastodon", language="ar")
    assert "by-line" not in follower_text(text, network="x", language="ar")
