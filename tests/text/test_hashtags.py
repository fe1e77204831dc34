"""Hashtags are found as X finds them, and those that another network would cut are refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.text.hashtags import (
    Cashtag,
    Hashtag,
    Mention,
    find_cashtags,
    find_hashtags,
    find_mentions,
    unsafe_hashtag_reason,
)


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        pytest.param("#سوريا", ["سوريا"], id="alone"),
        pytest.param("#سوريا_حرة #Syria", ["سوريا_حرة", "Syria"], id="two"),
        pytest.param("#Esad_zindanlarında", ["Esad_zindanlarında"], id="dotless i stays"),
        pytest.param("#İşkence", ["İşkence"], id="capital i with dot stays"),
        pytest.param("#سوريا،#حلب؟", ["سوريا", "حلب"], id="ended by Arabic punctuation"),
        pytest.param("#سُوريا", ["سُوريا"], id="marks belong to it"),
        pytest.param("#سـوريا", ["سـوريا"], id="tatweel belongs to it"),
        pytest.param("#سوريا\u200cحرة", ["سوريا\u200cحرة"], id="non-joiner belongs to it"),
        pytest.param("#سوريا\u200f", ["سوريا"], id="ended by a mark of direction"),
        pytest.param("\u200f#سوريا", ["سوريا"], id="after a mark of direction"),
        pytest.param("\u2067#سوريا\u2069", ["سوريا"], id="between isolates"),
        pytest.param("(#سوريا) «#حلب»", ["سوريا", "حلب"], id="between brackets"),
        pytest.param("#سوريا\xa0حرة", ["سوريا"], id="ended by a no-break space"),
        pytest.param("#سوريا2024 #٢٠٢٤أ", ["سوريا2024", "٢٠٢٤أ"], id="with digits"),
        pytest.param("#2024 #٢٠٢٤", [], id="digits alone"),
        pytest.param("و#سوريا", [], id="glued to waw"),
        pytest.param("#سوريا#حلب", [], id="glued to another"),
        pytest.param("&#سوريا", [], id="after an ampersand"),
        pytest.param("https://example.org/#سوريا", [], id="behind a link"),
        pytest.param("example.org/a#Syria #Syria", ["Syria"], id="inside a bare link"),
        pytest.param("#https://example.org", [], id="before a link"),
        pytest.param("🕊️#سوريا", ["سوريا"], id="after an emoji"),
        pytest.param("#️⃣", [], id="keycap"),
        pytest.param("＃سوريا", ["سوريا"], id="wide sign"),
    ],
)
def test_finds_the_hashtags_that_x_links(text: str, tags: list[str]) -> None:
    assert [found.tag for found in find_hashtags(text)] == tags


def test_what_is_found_knows_its_place() -> None:
    text = "قال @anna_example عن $ABC: #سوريا"

    assert find_mentions(text) == (Mention(4, 17, "anna_example"),)
    assert find_cashtags(text) == (Cashtag(21, 25, "ABC"),)
    assert find_hashtags(text) == (Hashtag(27, 33, "سوريا"),)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        pytest.param("و@anna", ["anna"], id="glued to an Arabic letter"),
        pytest.param("anna@example.org", [], id="address"),
        pytest.param("https://example.org/@anna", [], id="inside a link"),
        pytest.param("@anna@example.org", [], id="on another network"),
        pytest.param("RT@anna: @ben", ["anna", "ben"], id="after RT"),
        pytest.param("＠anna", ["anna"], id="wide sign"),
        pytest.param("@annaé", [], id="letter with an accent behind"),
    ],
)
def test_finds_the_accounts_that_x_notifies(text: str, names: list[str]) -> None:
    assert [mention.name for mention in find_mentions(text)] == names


@pytest.mark.parametrize(
    "tag",
    ["#سوريا", "#سوريا_حرة", "#Syria", "#سوريا2024", "#Esad_zindanlarında", "#İşkence", "#أيار_٢"],
)
def test_a_tag_that_all_four_networks_read_alike_is_safe(tag: str) -> None:
    assert unsafe_hashtag_reason(tag) is None


@pytest.mark.parametrize(
    ("tag", "why", "remedy"),
    [
        pytest.param("#سُوريا", "the mark U+064F ARABIC DAMMA, and Telegram cuts", "'#سوريا'", id="mark"),
        pytest.param("#سـوريا", "a tatweel", "'#سوريا'", id="tatweel"),
        pytest.param("#سوريا\u200cحرة", "ZERO WIDTH NON-JOINER", "'#سوريا_حرة'", id="non-joiner"),
        pytest.param("#سوريا\u200f", "RIGHT-TO-LEFT MARK", "'#سوريا'", id="mark of direction"),
        pytest.param("\u2067#سوريا\u2069", "does not begin with '#'", "'#سوريا'", id="isolates"),
        pytest.param("#٢٠٢٤", "does not begin with a letter", "that has letters", id="Arabic digits alone"),
        pytest.param("#2024", "does not begin with a letter", "that has letters", id="digits alone"),
        pytest.param("#2024_سوريا", "does not begin with a letter", "'#سوريا'", id="digits first"),
        pytest.param("#_سوريا", "does not begin with a letter", "'#سوريا'", id="underscore first"),
        pytest.param("(#سوريا)", "does not begin with '#'", "'#سوريا'", id="brackets"),
        pytest.param("و#سوريا", "does not begin with '#'", "'و #سوريا'", id="glued waw"),
        pytest.param("#سوريا#حلب", "a second '#'", "'#سوريا #حلب'", id="glued to another"),
        pytest.param("سوريا", "does not begin with '#'", "'#سوريا'", id="no sign"),
        pytest.param("＃سوريا", "does not begin with '#'", "'#سوريا'", id="wide sign"),
        pytest.param("#سوريا،", "ARABIC COMMA, and networks cut", "'#سوريا'", id="comma"),
        pytest.param("#سوريا حرة", "SPACE", "'#سوريا_حرة'", id="space"),
        pytest.param("#سوريا-حرة", "HYPHEN-MINUS", "'#سوريا_حرة'", id="hyphen"),
        pytest.param("#ﻻجئ", "not in plain composed letters", "'#لاجئ'", id="presentation form"),
        pytest.param("#Tu\u0308rkiye", "not in plain composed letters", "'#Türkiye'", id="decomposed"),
        pytest.param("#سوريا🕊", "DOVE", "'#سوريا'", id="emoji"),
        pytest.param("#" + "س" * 65, "more than 64 characters", "'#" + "س" * 64 + "'", id="too long"),
        pytest.param("#", "does not begin with a letter", "that has letters", id="nothing"),
        pytest.param("", "does not begin with '#'", "that has letters", id="empty"),
    ],
)
def test_a_tag_that_a_network_would_cut_is_refused_with_its_remedy(tag: str, why: str, remedy: str) -> None:
    reason = unsafe_hashtag_reason(tag)

    assert reason is not None
    assert why in reason
    assert reason.endswith(remedy) or (remedy == "that has letters" and remedy in reason)
    assert "\n" not in reason


@given(st.text(st.sampled_from("#سوريا_ASyı2٤ـَ \n.،:/()²Ⅷ&"), max_size=40))
def test_plain_hashtags_are_found_like_all_others(text: str) -> None:
    # The wide sign, which begins no hashtag here, takes the way of the whole grammar.
    assert find_hashtags(text) == find_hashtags(f"{text} ＃")


@given(st.text(max_size=40))
def test_a_safe_tag_is_found_whole(word: str) -> None:
    tag = f"#{word}"

    if unsafe_hashtag_reason(tag) is None:
        assert [found.tag for found in find_hashtags(f"لأجل {tag}\nسلام")] == [word]


@given(st.text(max_size=80))
def test_remedies_are_safe(word: str) -> None:
    reason = unsafe_hashtag_reason(f"#{word}")

    if reason is not None and "that has letters" not in reason:
        remedy = reason.rpartition(": write ")[2].strip("'")
        assert [unsafe_hashtag_reason(tag) for tag in remedy.split() if "#" in tag] == [None] * remedy.count(
            "#"
        )


@given(st.text(st.sampled_from("#＃@＠$aس1_.:/ \n&-éَ\u200c\ufe0fRT"), max_size=60))
def test_finds_lie_in_the_text_in_order(text: str) -> None:
    for find, signs in ((find_hashtags, "#＃"), (find_mentions, "@＠"), (find_cashtags, "$")):
        end = 0
        for found in find(text):
            assert end <= found.start < found.end <= len(text)
            assert text[found.start] in signs
            end = found.end
