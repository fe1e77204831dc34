"""Which wording and which hashtags, and in what order they are given up."""

from __future__ import annotations

import pytest

from bot.core.campaign import Hashtags, Network
from bot.rendering.fitting import choices, fit
from bot.text.networks import TextRules

TAGS = Hashtags(required=("#one",), optional=("#two", "#three"))


def tried(texts, hashtags=TAGS):
    return [(choice.short, choice.hashtags, choice.dropped) for choice in choices(texts, hashtags=hashtags)]


def test_optional_hashtags_go_last_first_then_the_short_wording_takes_all_again():
    assert tried([(False, "full"), (True, "short")]) == [
        (False, ("#one", "#two", "#three"), ()),
        (False, ("#one", "#two"), ("#three",)),
        (False, ("#one",), ("#two", "#three")),
        (True, ("#one", "#two", "#three"), ()),
        (True, ("#one", "#two"), ("#three",)),
        (True, ("#one",), ("#two", "#three")),
    ]


@pytest.mark.parametrize(
    ("text", "added"),
    [
        pytest.param("We say #one, again", ("#two", "#three"), id="required-in-text"),
        pytest.param("We say #TWO", ("#one", "#three"), id="optional-in-text-in-capitals"),
        pytest.param("We say (#one)", ("#one", "#two", "#three"), id="not-where-some-networks-miss-it"),
        pytest.param("We say #oneness", ("#one", "#two", "#three"), id="another-that-begins-alike"),
        pytest.param("See example.org/#one", ("#one", "#two", "#three"), id="inside-a-link"),
    ],
)
def test_hashtag_that_the_text_holds_is_not_added(text, added):
    first = next(choices([(False, text)], hashtags=TAGS))

    assert first.hashtags == added


def test_hashtag_is_added_once_however_often_it_is_listed():
    hashtags = Hashtags(required=("#One", "#one"), optional=("#ONE", "#two", "#two"))

    assert tried([(False, "full")], hashtags)[0] == (False, ("#One", "#two"), ())


def test_dotless_i_is_no_i():
    hashtags = Hashtags(required=("#Esad_zindanlarında",), optional=("#Esad_zindanlarinda",))

    assert tried([(False, "full")], hashtags)[0][1] == ("#Esad_zindanlarında", "#Esad_zindanlarinda")


def rules(max_length):
    return TextRules(network=Network.X, max_length=max_length, measure=len)


def write(choice):
    return " ".join([choice.text, *choice.hashtags])


@pytest.mark.parametrize(
    ("max_length", "text"),
    [
        pytest.param(26, "full text #one #two #three", id="all-fits"),
        pytest.param(25, "full text #one #two", id="one-dropped"),
        pytest.param(18, "full text #one", id="two-dropped"),
        pytest.param(13, "brief #one", id="short-with-what-fits"),
    ],
)
def test_first_choice_that_fits_is_taken(max_length, text):
    ways = choices([(False, "full text"), (True, "brief")], hashtags=TAGS)

    fitted = fit(ways, write=write, rules=rules(max_length))

    assert (fitted.text, fitted.length) == (text, len(text))


def test_when_none_fits_the_shortest_is_returned():
    ways = choices([(False, "full text"), (True, "a longer short text")], hashtags=TAGS)

    fitted = fit(ways, write=write, rules=rules(3))

    assert (fitted.text, fitted.length) == ("full text #one", 14)
