"""Whether a post on X is a given text, whatever X makes of the text."""

from __future__ import annotations

import html
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.publishing.transport import Answer
from bot.publishing.x_timeline import Likeness, OwnPost, likeness, page_from

TCO = "https://t.co/Invented01"


def shown(text: str, **links: str) -> OwnPost:
    return OwnPost(id="1", text=text, links={f"https://t.co/{name}": link for name, link in links.items()})


@given(text=st.text())
def test_any_text_is_the_same_after_the_escaping_of_x(text):
    assert likeness(shown(html.escape(text, quote=False)), text) is Likeness.SAME


@given(text=st.text(min_size=1).filter(str.strip), more=st.sampled_from(["!", "س", " x", "&amp;"]))
def test_no_text_is_the_same_as_a_longer_one(text, more):
    assert likeness(shown(html.escape(text + more, quote=False)), text) is not Likeness.SAME


@pytest.mark.parametrize(
    ("expanded", "expected"),
    [
        pytest.param("https://example.org/a?x=1&y=2", Likeness.SAME, id="as it was"),
        pytest.param("https://example.org/a?x=1&amp;y=2", Likeness.SAME, id="escaped in the entity"),
        pytest.param("http://example.org/a?x=1&y=2", Likeness.SAME, id="another scheme"),
        pytest.param(
            "https://EXAMPLE.org/a/?x=1&y=2", Likeness.SAME, id="host in capitals, slash at the end"
        ),
        pytest.param("https://example.org/b?x=1&y=2", Likeness.DOUBTFUL, id="another page"),
        pytest.param("https://[", Likeness.DOUBTFUL, id="no link at all"),
    ],
)
def test_links_are_compared_by_where_they_lead(expanded, expected):
    post = shown(f"Read ({TCO}), now", Invented01=expanded)

    assert likeness(post, "Read (https://example.org/a?x=1&y=2), now") is expected


def test_link_that_x_does_not_explain_is_doubtful():
    assert likeness(shown(f"Read {TCO}"), "Read https://example.org") is Likeness.DOUBTFUL


def test_other_words_around_a_link_are_another_post():
    assert likeness(shown(f"Write {TCO}", Invented01="https://example.org"), "Read https://example.org") is (
        Likeness.OTHER
    )


@pytest.mark.parametrize(
    ("glue", "expected"),
    [
        pytest.param("س", Likeness.SAME, id="two links around a letter"),
        pytest.param("", Likeness.DOUBTFUL, id="two links without anything between them"),
    ],
)
def test_links_glued_together_are_never_another_post(glue, expected):
    links = {"Invented01": "https://example.org/a", "Invented02": "http://example.com"}
    post = shown(f"{TCO}{glue}https://t.co/Invented02", **links)

    assert likeness(post, f"https://example.org/a{glue}example.com") is expected


def test_very_many_links_glued_together_end_soon():
    links = {f"I{number}": "https://example.org" for number in range(300)}
    text = "س".join(f"https://t.co/{name}" for name in links)

    assert likeness(shown(text, **links), "example.orgس" * 299 + "example.org") is Likeness.DOUBTFUL


def test_link_that_x_added_for_pictures_does_not_count():
    post = shown(f"A picture {TCO}", Invented01="")

    assert likeness(post, "A picture", has_picture=True) is Likeness.SAME


@pytest.mark.parametrize(
    ("post", "has_picture"),
    [
        pytest.param(shown(f"Words {TCO}", Invented01=""), False, id="a picture that was not sent"),
        pytest.param(shown("Words"), True, id="without the picture that was sent"),
        pytest.param(shown(f"Words {TCO}"), True, id="with a link that X does not explain"),
    ],
)
def test_same_words_with_another_picture_are_doubtful(post, has_picture):
    assert likeness(post, "Words", has_picture=has_picture) is Likeness.DOUBTFUL


def test_other_words_with_a_picture_are_another_post():
    post = shown(f"Other words {TCO}", Invented01="")

    assert likeness(post, "Words", has_picture=True) is Likeness.OTHER


@pytest.mark.parametrize(
    "entity",
    [
        pytest.param({"media_key": "3_7", "expanded_url": "https://x.com/anna/7"}, id="by its key"),
        pytest.param({"expanded_url": "https://twitter.com/anna/status/7/video/1"}, id="by its address"),
    ],
)
def test_link_to_a_picture_is_told_from_a_link(entity):
    urls = [{"start": 10, "end": 33, "url": TCO, **entity}]
    body = {
        "meta": {"result_count": 1},
        "data": [{"id": "7", "text": f"A picture {TCO}", "entities": {"urls": urls}}],
    }
    answer = Answer(status=200, phrase="OK", headers={}, body=json.dumps(body).encode(), scrub=str)

    [post] = page_from(answer).posts

    assert likeness(post, "A picture", has_picture=True) is Likeness.SAME


def test_text_is_found_should_x_stop_escaping():
    assert likeness(shown("a < b &lt; c"), "a < b &lt; c") is Likeness.SAME


def test_post_that_itself_speaks_of_a_short_link_is_not_lost():
    assert likeness(shown(f"Beware of {TCO}", Invented01=TCO), f"Beware of {TCO}") is Likeness.SAME
