"""Whatever an item says: a post within the limit that carries all it must, or a refusal with its reason."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager

from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from bot.core.campaign import Hashtags, Wording
from bot.core.dates import PartialDate, Period
from bot.core.errors import RenderError
from bot.text.hashtags import find_hashtags

LETTERS = {"ar": "سوريالحرّة،؛ ", "en": "Keepers of the light,. ", "tr": "Işığın bekçileri,. "}
FIRST_WORDS = {"ar": ["أضاء", "«ليل"], "en": ["The", "130 lamps"], "tr": ["Işık", "En az"]}
TAGS = st.lists(
    st.sampled_from(["#حراس_المنارة", "#LighthouseKeepers", "#Işık", "#المرفأ", "#Harbour2020", "#Lamps"]),
    unique=True,
    max_size=6,
)


def sentences(language: str, *, max_size: int) -> st.SearchStrategy[str]:
    """Give texts in a language, some with figures, hashtags, links, odd spaces and unseen marks."""
    piece = st.one_of(
        st.text(alphabet=LETTERS[language], min_size=1, max_size=60),
        st.sampled_from([
            "{lamps}", "#LighthouseKeepers", "#المرفأ،", "(#Lamps)", "https://archive.example.org/reports/7",
            "\n\n\n", " \n", "\u200f", "e\u0301", "😀", "2254", "\u00a0",
        ]),
    )  # fmt: skip
    first = st.sampled_from(
        {"ar": ["أضاء", "«ليل"], "en": ["The", "130 lamps"], "tr": ["Işık", "En az"]}[language]
    )
    return st.builds(
        lambda word, pieces: " ".join([word, *pieces]), first, st.lists(piece, max_size=max_size)
    )


@contextmanager
def let_pass(reason: str) -> Iterator[None]:
    """Let a refusal for this reason pass: it is the other right outcome."""
    try:
        yield
    except RenderError as refused:
        if reason not in str(refused):
            raise


dates = st.dates().flatmap(
    lambda day: st.sampled_from([
        PartialDate(year=day.year),
        PartialDate(year=day.year, month=day.month),
        PartialDate(year=day.year, month=day.month, day=day.day),
    ])
)  # fmt: skip
periods = st.tuples(dates, dates).map(lambda ends: Period(start=min(ends, key=str), end=max(ends, key=str)))


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_every_post_fits_and_carries_all_it_must(renderer_within, make_fact, make_campaign, account_on, data):
    language = data.draw(st.sampled_from(["ar", "en", "tr"]))
    limit = data.draw(st.integers(60, 260))
    required, optional = data.draw(TAGS), data.draw(TAGS)
    text = data.draw(sentences(language, max_size=8))
    short = data.draw(st.none() | sentences(language, max_size=2))
    item = make_fact(
        wordings={language: Wording(text=text, short=short)},
        period=data.draw(periods),
        figures={"lamps": data.draw(st.integers(0, 10**7) | st.decimals("0", "999", places=2))},
        plain_numbers=("2254",),
    )
    campaign = make_campaign(
        hashtags={language: Hashtags(required=tuple(required), optional=tuple(optional))},
        arabic_digits=data.draw(st.booleans()),
    )
    account = account_on("x", links=data.draw(st.booleans()))

    post = None
    with let_pass("over its limit"):
        post = renderer_within(limit).render(item, campaign=campaign, account=account, language=language)

    event("refused" if post is None else f"short: {post.used_short}, dropped: {len(post.dropped_hashtags)}")
    if post is None:
        return
    (part,) = post.parts
    assert part.length <= limit
    assert unicodedata.is_normalized("NFC", part.text)
    assert item.source.publisher[language] in part.text
    assert not account.links or item.source.url in part.text
    assert "\n\n\n" not in part.text
    assert all(line == line.rstrip() for line in part.text.split("\n"))
    assert not set("\u200e\u200f\u2067\u2069") & set(part.text)
    found = {hashtag.tag for hashtag in find_hashtags(part.text)}
    expected = {*required, *optional} - set(post.dropped_hashtags)
    assert {tag.removeprefix("#") for tag in expected} <= found
    assert not {*post.dropped_hashtags} & {*required}
