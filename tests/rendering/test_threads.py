"""A text too long for one message: how it is divided, what each part carries, and what cannot be a thread."""

from __future__ import annotations

import unicodedata
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from bot.core.campaign import Hashtags, Network, Wording
from bot.core.errors import RenderError, TooLongError
from bot.core.media import Picture
from bot.rendering.division import MAX_PARTS
from bot.rendering.fitting import Choice
from bot.rendering.layout import first_strong, runs_right_to_left
from bot.rendering.promises import check_promises
from bot.rendering.renderer import Renderer
from bot.rendering.values import values_of
from bot.text.fingerprint import fingerprint
from bot.text.hashtags import find_hashtags, fold_hashtag, standing_hashtags
from bot.text.links import find_links
from bot.text.networks import TextRules, rules_of_part
from bot.text.numbering import without_number
from bot.text.numbers import numbers_in, to_arabic_digits

HERE = Path(__file__).parent
GOLDEN = HERE / "golden" / "threads"
LANGUAGES = ("ar", "en", "tr")
NETWORKS = ("x", "bluesky", "mastodon", "telegram")
PICTURE = Picture(file="0" * 64, alt=dict.fromkeys(LANGUAGES, "A lamp"), warning=False)


def sentence(words: int, *, end: str = ".", word: str = "lamps") -> str:
    return "The " + " ".join([word] * (words - 1)) + end


def bodies(post) -> list[str]:
    """The parts without their numbers."""
    return [without_number(part.text, part.number, len(post.parts)) for part in post.parts]


@pytest.fixture
def thread(renderer, make_call, make_campaign, account_on):
    """Render a call as a thread; a call has no source."""

    def make(text, *, network="x", language="en", tags=("#one_tag",), more=(), **changes):
        hashtags = {language: Hashtags(required=tags, optional=more)}
        campaign = make_campaign(threads=True, hashtags=hashtags, **changes.pop("campaign", {}))
        wording = text if isinstance(text, Wording) else Wording(text=text)
        item = make_call(wordings={language: wording}, **changes)
        return renderer.render(item, campaign=campaign, account=account_on(network), language=language)

    return make


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_long_fact_is_the_golden_thread(
    renderer, make_fact, make_campaign, account_on, request, language, network
):
    wording = Wording(text=(HERE / "long" / f"{language}.txt").read_text().strip())
    item = make_fact(wordings={language: wording}, picture=PICTURE, plain_numbers=("2011", "2020", "41"))
    campaign = make_campaign(threads=True, arabic_digits=network == "mastodon")
    golden = GOLDEN / f"{language}-{network}.txt"

    post = renderer.render(
        item, campaign=campaign, account=account_on(network, links=True), language=language
    )

    shown = "\n".join(f"{part.text}\n--- {part.length} on {network}" for part in post.parts) + "\n"
    if request.config.getoption("--update-golden", default=False):
        golden.write_text(shown)
    assert shown == golden.read_text()


def test_every_golden_thread_belongs_to_a_case():
    names = {f"{language}-{network}" for language in LANGUAGES for network in NETWORKS}

    assert {path.stem for path in GOLDEN.glob("*.txt")} == names


def test_no_thread_where_the_campaign_allows_none_and_the_reason_says_what_would_help(
    renderer, make_call, make_campaign, account_on
):
    item = make_call(wordings={"en": Wording(text=f"{sentence(30)} {sentence(30)}")})
    campaign = make_campaign(hashtags={})

    with pytest.raises(
        TooLongError, match=r'; or write "threads: true" in the campaign: it then leaves in 2 p'
    ):
        renderer.render(item, campaign=campaign, account=account_on("x"), language="en")


def test_text_that_fits_one_message_is_no_thread(thread):
    post = thread(Wording(text=sentence(60), short="The lamps."))

    (part,) = post.parts
    assert post.used_short
    assert part.text == "The lamps.\n\n#one_tag"


def test_sentences_stay_whole_and_the_parts_are_about_as_long_as_each_other(thread):
    text = " ".join(sentence(words) for words in (20, 10, 12, 8))

    post = thread(text)

    first, second = bodies(post)
    assert first == f"{sentence(20)}\n\n#one_tag"
    assert second == f"{sentence(10)} {sentence(12)} {sentence(8)}"


def test_sentence_that_is_too_long_is_divided_after_a_clause(thread):
    text = f"{sentence(28, end=',')} and {sentence(30)}"

    assert bodies(thread(text)) == [f"{sentence(28, end=',')}\n\n#one_tag", f"and {sentence(30)}"]


def test_clause_that_is_too_long_is_divided_between_words_in_the_middle(thread):
    first, second = bodies(thread(sentence(60)))

    assert abs(len(first.removesuffix("\n\n#one_tag")) - len(second)) < 8


def test_last_part_is_not_a_word_or_two(thread):
    # Its only clause would fit the first part, and leave two words.
    text = f"{sentence(44, end=',')} too far."

    *_, last = bodies(thread(text))

    assert len(last.split()) > 10


def test_short_sentence_is_not_divided_from_its_words(thread):
    text = f"{sentence(43)} Why? {sentence(44)}"

    assert bodies(thread(text)) == [f"{sentence(43)} Why?\n\n#one_tag", sentence(44)]


def test_no_part_of_an_arabic_thread_begins_with_a_latin_word(thread):
    text = ("ليلة " + "(SNHR) " * 6) * 11  # a third of it ends within a row of names

    post = thread(text, language="ar", tags=())

    assert len(post.parts) == 3
    assert all(part.text.startswith("ليلة") for part in post.parts)


def test_numbers_are_written_with_the_digits_of_the_campaign(thread):
    text = " ".join(["أضاء الحرّاس المصابيح كلها في تلك الليلة."] * 12)

    latin = thread(text, language="ar")
    arabic = thread(text, language="ar", campaign={"arabic_digits": True})

    assert [part.text.rpartition("\n\n")[2] for part in latin.parts] == ["1/2", "2/2"]
    assert [part.text.rpartition("\n\n")[2] for part in arabic.parts] == ["١/٢", "٢/٢"]


def test_hashtags_stand_in_the_first_part_and_the_source_with_its_link_in_the_last(
    renderer, make_fact, make_campaign, account_on
):
    item = make_fact(wordings={"en": Wording(text=f"{sentence(30)} {sentence(30)} {sentence(30)}")})

    post = renderer.render(
        item, campaign=make_campaign(threads=True), account=account_on("x", links=True), language="en"
    )

    first, *between, last = bodies(post)
    assert first.endswith("\n\n#LighthouseKeepers #حراس_المنارة #Harbour")
    assert last.endswith(
        "\n\nSource: Harbour Archive (March 2011 – June 2020)\nhttps://archive.example.org/reports/7"
    )
    assert not any(word in "".join(between) for word in ("#", "Source", "https"))


def test_optional_hashtag_that_would_cost_a_part_is_dropped(thread):
    text = f"{sentence(42)} {sentence(44)}"  # the first has 252 letters

    post = thread(text, tags=("#one",), more=("#fits", "#does_not_fit_any_more"))

    assert len(post.parts) == 2
    assert post.dropped_hashtags == ("#does_not_fit_any_more",)
    assert post.parts[0].text.endswith("\n\n#one #fits\n\n1/2")


def test_hashtag_in_the_text_stays_where_it_is(thread):
    text = f"{sentence(40)} We say #one_tag, again. {sentence(30)}"

    post = thread(text)

    assert "".join(bodies(post)).count("#one_tag") == 1
    assert "#one_tag, again" in post.parts[1].text


def test_source_stands_alone_where_no_more_of_the_text_fits_beside_it(
    renderer, make_fact, make_campaign, account_on
):
    item = make_fact(wordings={"en": Wording(text=f"{sentence(38)} {sentence(43)}")})
    campaign = make_campaign(threads=True, hashtags={})

    post = renderer.render(item, campaign=campaign, account=account_on("x"), language="en")

    assert bodies(post)[1:] == [sentence(43), "Source: Harbour Archive (March 2011 – June 2020)"]


def test_name_of_the_source_is_not_divided(renderer, make_fact, make_campaign, account_on):
    text = " ".join(["Harbour Archive"] * 27)  # half of it ends within a name
    item = make_fact(wordings={"en": Wording(text=text)})

    post = renderer.render(
        item, campaign=make_campaign(threads=True, hashtags={}), account=account_on("x"), language="en"
    )

    assert all(len(body.split("\n")[0].split()) % 2 == 0 for body in bodies(post))


def test_what_a_template_writes_before_the_text_stands_in_the_first_part_alone(
    renderer_of, make_call, make_campaign, account_on
):
    renderer = renderer_of(
        {"call.j2": "Tonight: «{{ text }}»\n{{ campaign.title }}\n{{ hashtags|join(' ') }}"}
    )
    item = make_call(wordings={"en": Wording(text=f"{sentence(30)} {sentence(30)} {sentence(30)}")})

    post = renderer.render(item, campaign=make_campaign(threads=True), account=account_on("x"), language="en")

    first, second, third = bodies(post)
    assert first.startswith("Tonight: «The lamps")
    assert first.endswith("\n\n#LighthouseKeepers #حراس_المنارة #Harbour")
    assert second == sentence(30)
    assert third == f"{sentence(30)}»\nLighthouse Keepers"


def test_only_the_first_part_has_the_limit_of_a_text_beside_a_picture(thread):
    post = thread(" ".join([sentence(20)] * 20), network="telegram", picture=PICTURE, tags=("#one_tag",))

    first, second = (part.length for part in post.parts)
    assert first <= 1024 < second <= 4096


def test_content_warning_takes_its_share_of_each_part(thread):
    warning = {"en": "Storm" * 20}

    post = thread(" ".join([sentence(16)] * 9), network="mastodon", content_warning=warning)

    assert post.content_warning == warning["en"]
    assert all(part.length <= 400 for part in post.parts)
    assert len(post.parts) > len(thread(" ".join([sentence(16)] * 9), network="mastodon").parts)


def test_bytes_count_where_the_network_counts_them(thread):
    family = "👨\u200d👩\u200d👧\u200d👦"  # one character to Bluesky, 25 bytes
    text = " ".join(["Home " + family * 14 + "."] * 20)  # 419 characters, 7,139 bytes

    post = thread(text, network="bluesky")

    assert len(post.parts) == 3
    assert all(len(part.text.encode()) <= 3000 for part in post.parts)


def test_a_thread_says_the_same_as_one_message(thread, renderer, make_call, make_campaign, account_on):
    text = f"{sentence(30)} {sentence(30)} On 15.03.2011."
    post = thread(text)

    assert fingerprint("\n\n".join(bodies(post))) == fingerprint(text)


def test_short_wording_becomes_a_thread_where_the_whole_one_cannot(thread):
    short = f"{sentence(30)} {sentence(30)}"

    post = thread(Wording(text=f"The {'x' * 300} lamps.", short=short))

    assert post.used_short
    assert len(post.parts) == 2


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(" ".join([sentence(42)] * 10), id="too-many-parts"),
        pytest.param("The " + "x" * 300, id="a-word-longer-than-a-part"),
        pytest.param(f"See https://archive.example.org/{'a' * 40} " + "x" * 280, id="and-a-link"),
    ],
)
def test_text_that_cannot_be_divided_is_refused_with_words(thread, text):
    with pytest.raises(
        TooLongError, match=r"in en for keepers_x: .*; nor can it be divided into 9 parts or few"
    ):
        thread(text)


def test_hashtags_that_leave_no_room_are_refused_with_words(thread):
    tags = tuple(f"#{'tag' * 20}{letter}" for letter in "abcde")

    with pytest.raises(TooLongError, match="nor can it be divided"):
        thread(sentence(60), tags=tags)


def test_nine_parts_are_the_most(thread):
    post = thread(" ".join([sentence(42)] * MAX_PARTS))

    assert len(post.parts) == MAX_PARTS == 9


@pytest.mark.parametrize(
    ("parts", "chunks"),
    [
        pytest.param(("one", "three"), ("one", "three"), id="a-word-lost"),
        pytest.param(("one", "two three"), ("one", "two two three"), id="a-word-that-no-part-has"),
        pytest.param(("two", "one three"), ("two", "one three"), id="another-order"),
    ],
)
def test_thread_that_lost_a_word_is_refused(make_call, make_campaign, account_on, parts, chunks):
    choice = Choice(short=False, text="one two three", hashtags=())
    values = values_of(
        make_call(),
        campaign=make_campaign(),
        account=account_on("x"),
        language="en",
        occasion=None,
        figures={},
        arabic_digits=False,
    )

    with pytest.raises(RenderError, match=r"call\.j2 leaves out the text"):
        check_promises(parts, choice, values, chunks=chunks, link="", template="call.j2")


_PIECES = {
    "ar": ["أضاء الحرّاس", "«ليلاً»", "مصباحاً،", "وانتهى.", "لماذا؟", "د. سامر", "البحر؛"],
    "en": ["The keepers", "“all night”", "lamps,", "ended.", "Why?", "Dr. Samer", "the sea;"],
    "tr": ["Bekçiler", "“bütün gece”", "lambalar,", "bitti.", "Neden?", "Dr. Samer", "denizin ışığı;"],
}
_ANY = [
    "{lamps}", "{lamps}.", "2254", "14 388", "2011 – 2020", "50 %", "#LighthouseKeepers", "#المرفأ،",
    "(#Lamps)", "\n\n", "https://archive.example.org/reports/7", "https://archive.example.org/a.",
    "😀", "e\u0301", "\n", "\u00a0", "SNHR",
]  # fmt: skip
_TAGS = st.lists(
    st.sampled_from(["#حراس_المنارة", "#LighthouseKeepers", "#Işık", "#المرفأ", "#Lamps"]),
    unique=True,
    max_size=4,
)


def _texts(language: str) -> st.SearchStrategy[str]:
    piece = st.sampled_from([*_PIECES[language] * 4, *_ANY])
    some = st.lists(piece, min_size=5, max_size=40)
    first = _PIECES[language][0]
    return st.builds(lambda pieces, times: " ".join([first, *pieces * times]), some, st.integers(1, 12))


def _check_whole_threads(renderer, make_fact, make_campaign, account_on, data):
    language, network = data.draw(st.sampled_from(LANGUAGES)), data.draw(st.sampled_from(NETWORKS))
    required, optional = data.draw(_TAGS), data.draw(_TAGS)
    warning = data.draw(st.sampled_from([{}, dict.fromkeys(LANGUAGES, "عاصفة")]))
    arabic_digits = data.draw(st.booleans())
    has_picture = data.draw(st.booleans())
    item = make_fact(
        wordings={language: Wording(text=data.draw(_texts(language)))},
        plain_numbers=("2254",),
        content_warning=warning,
        picture=PICTURE if has_picture else None,
    )
    campaign = make_campaign(
        threads=True,
        arabic_digits=arabic_digits,
        hashtags={language: Hashtags(required=tuple(required), optional=tuple(optional))},
    )
    account = account_on(network, links=data.draw(st.booleans()))

    def render(by):
        return by.render(item, campaign=campaign, account=account, language=language)

    try:
        post = render(renderer)
    except TooLongError:
        event("too long")
        return
    event(f"{network}: {len(post.parts)} parts")
    count = len(post.parts)
    if count == 1:
        return
    assert render(renderer) == post
    assert 2 <= count <= MAX_PARTS
    assert [part.number for part in post.parts] == list(range(1, count + 1))
    for part in post.parts:
        rules = rules_of_part(
            Network(network), part.number, warning=warning.get(language), has_picture=has_picture
        )
        assert rules.fits(part.text)
        assert part.length == rules.measure(part.text)
        line = f"{part.number}/{count}"
        line = to_arabic_digits(line) if arabic_digits and language == "ar" else line
        assert part.text.endswith(f"\n\n{line}")
        assert unicodedata.is_normalized("NFC", part.text)
        assert part.text == part.text.strip()
        if language == "ar":
            assert runs_right_to_left(first_strong(part.text))
    whole = render(_BOUNDLESS).parts[0].text
    _check_same_words(whole, bodies(post), tags={*required, *optional}, dropped=post.dropped_hashtags)
    standing = [tag for body in bodies(post) for tag in standing_hashtags(body)]
    assert set(map(fold_hashtag, required)) <= set(standing)


def _check_same_words(whole, parts, *, tags, dropped):
    """No word is lost, changed or said twice; hashtags alone may stand elsewhere, or be dropped."""
    said = [word for part in parts for word in part.split()]
    assert [word for word in said if word not in tags] == [word for word in whole.split() if word not in tags]
    expected = Counter(word for word in whole.split() if word in tags) - Counter(dropped)
    assert Counter(word for word in said if word in tags) == expected
    for find in (
        numbers_in,
        lambda text: [link.url for link in find_links(text)],
        lambda text: [f"#{tag.tag}" for tag in find_hashtags(text) if f"#{tag.tag}" not in dropped],
    ):
        assert Counter(one for part in parts for one in find(part)) == Counter(find(whole))
    # What stands together stays together.
    for phrase in ("14 388", "2011 – 2020", "50 %"):
        assert sum(part.count(phrase) for part in parts) == whole.count(phrase)


def _boundless(network: Network) -> TextRules:
    return TextRules(network=network, max_length=10**6, measure=len)


_BOUNDLESS = Renderer(HERE.parents[1] / "templates", rules_for=_boundless)
_FIXTURES = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large]


@settings(max_examples=150, suppress_health_check=_FIXTURES, deadline=None)
@given(data=st.data())
def test_no_word_of_a_thread_is_lost_and_every_part_fits(
    renderer, make_fact, make_campaign, account_on, data
):
    _check_whole_threads(renderer, make_fact, make_campaign, account_on, data)


@pytest.mark.slow
@settings(max_examples=2000, suppress_health_check=_FIXTURES, deadline=None)
@given(data=st.data())
def test_no_word_of_thousands_of_threads_is_lost_and_every_part_fits(
    renderer, make_fact, make_campaign, account_on, data
):
    _check_whole_threads(renderer, make_fact, make_campaign, account_on, data)
