"""twitter-text's own test data holds for the functions that read and count as X does."""

from __future__ import annotations

from typing import Any

import pytest

from bot.text.hashtags import find_cashtags, find_hashtags, find_mentions
from bot.text.links import ascii_link, find_links
from bot.text.tlds import top_level_domains
from bot.text.weighted import MAX_WEIGHTED_LENGTH, is_valid_post, weighted_length

#: Sections that do not apply, with the reason.
NOT_OURS = {
    ("extract.yml", "replies"): "the bot answers nobody",
    ("validate.yml", "lists"): "the bot names no lists; that they are read is tested with the mentions",
    ("hit_highlighting.yml", "plain_text"): "the bot marks no search results",
    ("hit_highlighting.yml", "with_links"): "the bot marks no search results",
}


@pytest.mark.conformance("validate.yml", "tweets")
def test_posts_are_valid_as_expected(case: dict[str, Any]) -> None:
    assert is_valid_post(case["text"]) == case["expected"]


@pytest.mark.conformance(
    "validate.yml",
    "WeightedTweetsCounterTest",
    "WeightedTweetsWithDiscountedEmojiCounterTest",
    "UnicodeDirectionalMarkerCounterTest",
)
def test_weighted_length_is_as_expected(case: dict[str, Any]) -> None:
    expected = case["expected"]

    length, valid = weighted_length(case["text"]), is_valid_post(case["text"])

    assert (length, valid) == (expected["weightedLength"], expected["valid"])
    assert length * 1000 // MAX_WEIGHTED_LENGTH == expected["permillage"]


@pytest.mark.conformance("validate.yml", "usernames")
def test_account_names_are_valid_as_expected(case: dict[str, Any]) -> None:
    whole = [(mention.start, mention.end) for mention in find_mentions(case["text"])] == [
        (0, len(case["text"]))
    ]

    assert whole == case["expected"]


@pytest.mark.conformance("validate.yml", "hashtags")
def test_hashtags_are_valid_as_expected(case: dict[str, Any]) -> None:
    whole = [tag.tag for tag in find_hashtags(case["text"])] == [case["text"][1:]]

    assert whole == case["expected"]


@pytest.mark.conformance("validate.yml", "urls")
def test_links_can_be_written_in_ascii_as_expected(case: dict[str, Any]) -> None:
    try:
        ascii_link(case["text"])
        valid = True
    except ValueError:
        valid = False

    assert valid == case["expected"]


@pytest.mark.conformance("validate.yml", "urls_without_protocol")
def test_bare_links_are_valid_as_expected(case: dict[str, Any]) -> None:
    whole = [link.url for link in find_links(case["text"])] == [case["text"]]

    assert whole == case["expected"]


@pytest.mark.conformance("extract.yml", "urls", "tco_urls_with_params")
def test_links_are_found_as_expected(case: dict[str, Any]) -> None:
    assert [link.url for link in find_links(case["text"])] == case["expected"]


@pytest.mark.conformance("extract.yml", "urls_with_indices", "urls_with_directional_markers")
def test_links_are_found_where_expected(case: dict[str, Any]) -> None:
    found = [{"url": link.url, "indices": [link.start, link.end]} for link in find_links(case["text"])]

    assert found == case["expected"]


@pytest.mark.conformance("tlds.yml", "country", "generic")
def test_top_level_domains_end_links_as_expected(case: dict[str, Any]) -> None:
    assert [link.url for link in find_links(case["text"])] == case["expected"]


@pytest.mark.conformance("extract.yml", "hashtags", "hashtags_from_astral")
def test_hashtags_are_found_as_expected(case: dict[str, Any]) -> None:
    assert [hashtag.tag for hashtag in find_hashtags(case["text"])] == case["expected"]


@pytest.mark.conformance("extract.yml", "hashtags_with_indices")
def test_hashtags_are_found_where_expected(case: dict[str, Any]) -> None:
    found = [{"hashtag": one.tag, "indices": [one.start, one.end]} for one in find_hashtags(case["text"])]

    assert found == case["expected"]


@pytest.mark.conformance("extract.yml", "mentions")
def test_mentions_are_found_as_expected(case: dict[str, Any]) -> None:
    assert [mention.name for mention in find_mentions(case["text"])] == case["expected"]


@pytest.mark.conformance("extract.yml", "mentions_with_indices", "mentions_or_lists_with_indices")
def test_mentions_are_found_where_expected(case: dict[str, Any]) -> None:
    found = [
        {"screen_name": one.name, "indices": [one.start, one.end]} for one in find_mentions(case["text"])
    ]

    assert found == [
        {key: value for key, value in one.items() if key != "list_slug"} for one in case["expected"]
    ]


@pytest.mark.conformance("extract.yml", "cashtags")
def test_cashtags_are_found_as_expected(case: dict[str, Any]) -> None:
    assert [cashtag.tag for cashtag in find_cashtags(case["text"])] == case["expected"]


@pytest.mark.conformance("extract.yml", "cashtags_with_indices")
def test_cashtags_are_found_where_expected(case: dict[str, Any]) -> None:
    found = [{"cashtag": one.tag, "indices": [one.start, one.end]} for one in find_cashtags(case["text"])]

    assert found == case["expected"]


def test_no_other_top_level_domain_ends_a_link(reference_tlds: set[str]) -> None:
    # Fails when the root zone gains or loses one: name it in bot/text/tlds.py, X still counts as before.
    assert top_level_domains() == reference_tlds


def test_every_section_is_tested_or_named_with_a_reason(conformance_sections: set[tuple[str, str]]) -> None:
    marks = [mark for test in globals().values() for mark in getattr(test, "pytestmark", ())]

    tested = {(file, section) for mark in marks for file, *sections in [mark.args] for section in sections}

    assert conformance_sections == tested | set(NOT_OURS)
    assert not tested & set(NOT_OURS)
