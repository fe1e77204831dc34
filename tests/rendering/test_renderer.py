"""From an item to a post: what it carries, what is given up, and what is refused."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import pytest

from bot.core.campaign import Hashtags, Wording
from bot.core.errors import RenderError, TooLongError
from bot.core.post import Part


def render(renderer, item, campaign, account, language="en", **more):
    return renderer.render(item, campaign=campaign, account=account, language=language, **more)


def text_of(*args, **more):
    (part,) = render(*args, **more).parts
    return part.text


def test_post_has_one_part_with_its_length(renderer, make_call, make_campaign, account_on):
    post = render(renderer, make_call(), make_campaign(), account_on("telegram"))

    text = post.parts[0].text
    assert post.parts == (Part(number=1, text=text, length=len(text)),)
    assert (post.used_short, post.dropped_hashtags, post.content_warning) == (False, (), None)


def test_link_stands_on_its_own_line_only_where_the_account_carries_links(
    renderer, make_fact, make_campaign, account_on
):
    url = make_fact().source.url

    with_link = text_of(renderer, make_fact(), make_campaign(), account_on("mastodon", links=True))
    without = text_of(renderer, make_fact(), make_campaign(), account_on("mastodon"))

    assert url in with_link.split("\n")
    assert url not in without


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        pytest.param("See https://archive.example.org/reports/7.", 0, id="same-link"),
        pytest.param("See https://archive.example.org/reports/77.", 1, id="longer-link"),
    ],
)
def test_link_in_the_text_is_not_repeated(renderer, make_fact, make_campaign, account_on, text, lines):
    item = make_fact(wordings={"en": Wording(text=text)})

    post = text_of(renderer, item, make_campaign(), account_on("mastodon", links=True))

    assert post.split("\n").count("https://archive.example.org/reports/7") == lines


def test_content_warning_takes_its_share_of_the_limit_where_it_counts(
    renderer, make_call, make_campaign, account_on
):
    wordings = {language: Wording(text="س" * 495) for language in ("ar", "en", "tr")}
    warning = {"en": "Storm!", "ar": "عاصفة!", "tr": "Fırtına!"}
    campaign = make_campaign(hashtags={})
    without, beside = make_call(wordings=wordings), make_call(wordings=wordings, content_warning=warning)

    assert render(renderer, without, campaign, account_on("mastodon")).parts[0].length == 495
    with pytest.raises(TooLongError, match="1 over its limit of 494"):
        render(renderer, beside, campaign, account_on("mastodon"))


def test_content_warning_travels_beside_the_text(renderer, make_call, make_campaign, account_on):
    item = make_call(content_warning={"en": "Storm", "ar": "عاصفة", "tr": "Fırtına"})

    post = render(renderer, item, make_campaign(), account_on("mastodon"), language="tr")

    assert post.content_warning == "Fırtına"
    assert "Fırtına" not in post.parts[0].text


def test_post_without_hashtags_ends_with_its_source(renderer, make_fact, make_campaign, account_on):
    post = text_of(renderer, make_fact(), make_campaign(hashtags={}), account_on("x"))

    assert post.endswith("\n\nSource: Harbour Archive (March 2011 – June 2020)")


def test_call_with_a_source_names_it(renderer, make_call, make_fact, make_campaign, account_on):
    item = make_call(source=make_fact().source)

    post = text_of(renderer, item, make_campaign(), account_on("x", links=True))

    assert "\n\nSource: Harbour Archive\nhttps://archive.example.org/reports/7\n\n#" in post


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        pytest.param({"source": None}, "has no source: name one", id="no-source"),
        pytest.param({"period": None}, "has no period: name one", id="no-period"),
        pytest.param(
            {"wordings": {"ar": Wording(text="ا")}}, "written in ar only: write it", id="no-language"
        ),
        pytest.param(
            {"wordings": {"en": Wording(text="{lmaps}")}}, "no figure 'lmaps'.*lamps", id="no-figure"
        ),
        pytest.param(
            {"content_warning": {"ar": "ا"}}, "content warning is not written in 'en'", id="no-warning"
        ),
    ],
)
def test_item_that_lacks_something_is_refused_with_the_remedy(
    renderer, make_fact, make_campaign, account_on, changes, reason
):
    with pytest.raises(RenderError, match=f"lighthouse-keepers/lamps-lit in en for keepers_x: .*{reason}"):
        render(renderer, make_fact(**changes), make_campaign(), account_on("x"))


def test_source_not_named_in_the_language_is_refused(renderer, make_fact, make_campaign, account_on):
    source = replace(make_fact().source, publisher={"ar": "أرشيف المرفأ"})

    with pytest.raises(RenderError, match="publisher of its source is not named in 'en'"):
        render(renderer, make_fact(source=source), make_campaign(), account_on("x"))


def test_language_without_words_is_refused_with_their_file(renderer, make_fact, make_campaign, account_on):
    source = replace(make_fact().source, publisher={"fr": "Archives du port"})
    item = make_fact(source=source, wordings={"fr": Wording(text="Lumière.")})

    with pytest.raises(RenderError, match=r"_source\.j2:4: there is no 'fr' in the entries ar, en, tr"):
        render(renderer, item, make_campaign(), account_on("x"), language="fr")


def test_unknown_occasion_is_refused(renderer, make_call, make_campaign, account_on):
    with pytest.raises(RenderError, match="no occasion 'x': its occasions are night-of-lamps"):
        render(renderer, make_call(), make_campaign(), account_on("x"), occasion="x")


TOO_LONG = {
    "only-text": (
        Wording(text="x" * 300),
        '{}, 38 over its limit of 280, even without optional hashtags: cut 38 from "text: en:", '
        'or write a shorter wording under "short: en:"',
    ),
    "short-too": (
        Wording(text="x" * 300, short="y" * 290),
        "{}, 28 over its limit of 280, even without optional hashtags and with its short wording: "
        'cut 28 from "short: en:"',
    ),
    "short-is-longer": (
        Wording(text="x" * 300, short="y" * 310),
        "{}, 38 over its limit of 280, even without optional hashtags; its short wording is no shorter: "
        'cut 38 from "text: en:"',
    ),
}


@pytest.mark.parametrize(("wording", "reason"), TOO_LONG.values(), ids=TOO_LONG.keys())
def test_post_that_cannot_fit_says_how_much_to_cut_and_where(
    renderer, make_call, make_campaign, account_on, wording, reason
):
    campaign = make_campaign(hashtags={"en": Hashtags(required=("#sixteen_letters",), optional=("#more",))})

    with pytest.raises(RenderError) as refused:
        render(renderer, make_call(wordings={"en": wording}), campaign, account_on("x"))

    length = "308 characters as x counts" if "28 over" in reason else "318 characters as x counts"
    assert str(refused.value) == "lighthouse-keepers/keep-watch in en for keepers_x: " + reason.format(length)


def test_post_within_the_characters_but_not_the_bytes_is_refused(
    renderer, make_call, make_campaign, account_on
):
    family = "👨‍👩‍👧‍👦"  # one character to Bluesky, 25 bytes
    item = make_call(wordings={"en": Wording(text="Home " + family * 119)})
    campaign = make_campaign(hashtags={"en": Hashtags(required=("#nineteen_letters_x",))})

    with pytest.raises(RenderError, match=r"3,001 bytes, 1 over the 3,000 that bluesky takes.*: cut 1 from"):
        render(renderer, item, campaign, account_on("bluesky"))


def test_text_that_networks_refuse_is_named(renderer, make_call, make_campaign, account_on):
    item = make_call(wordings={"en": Wording(text="A lamp and a bell\a")})

    with pytest.raises(RenderError, match=r"U\+0007.*no network shows: take it out"):
        render(renderer, item, make_campaign(), account_on("x"))


@pytest.mark.parametrize(
    ("existing", "used"),
    [
        pytest.param(["fact.x.ar.j2", "fact.ar.j2", "fact.x.j2"], "fact.x.ar.j2", id="both"),
        pytest.param(["fact.ar.j2", "fact.x.j2"], "fact.ar.j2", id="language-before-network"),
        pytest.param(["fact.x.j2", "fact.en.j2", "fact.mastodon.ar.j2"], "fact.x.j2", id="network"),
        pytest.param(["fact.en.j2", "fact.bluesky.j2", "call.x.ar.j2"], "fact.j2", id="neither"),
    ],
)
def test_most_specific_template_wins(renderer_of, make_fact, make_campaign, account_on, existing, used):
    body = '{{ text }} NAME {{ source.publisher }} {{ period }}\n{{ hashtags|join(" ") }}'
    renderer = renderer_of({name: body.replace("NAME", name) for name in {*existing, "fact.j2"}})

    post = text_of(renderer, make_fact(), make_campaign(), account_on("x"), language="ar")

    assert used in post


@pytest.mark.parametrize(
    ("template", "reason"),
    [
        pytest.param("{{ source.publisher }} {{ period }} {{ link }} TAGS", "the text", id="text"),
        pytest.param(
            "{{ text }} {{ period }} {{ link }} TAGS", r"the source \(Harbour Archive\)", id="source"
        ),
        pytest.param("{{ text }} {{ source.publisher }} {{ link }} TAGS", r"the period \(March", id="period"),
        pytest.param("{{ text }} {{ source.publisher }} {{ period }} TAGS", r"the link \(https", id="link"),
        pytest.param(
            "{{ text }} {{ source.publisher }} {{ period }} {{ link }}",
            "the hashtag #LighthouseKeepers",
            id="tags",
        ),
        pytest.param(
            '{{ text }} {{ source.publisher }} {{ period }} {{ link }} ({{ hashtags|join(", ") }})',
            "the hashtag #LighthouseKeepers, between white space",
            id="glued-tags",
        ),
        pytest.param(
            "{{ text }} {{ source.publisher }} {{ period }} {{ link }}5 TAGS",
            r"the link \(https",
            id="glued-link",
        ),
    ],
)
def test_template_that_loses_something_is_refused(
    renderer_of, make_fact, make_campaign, account_on, template, reason
):
    renderer = renderer_of(
        {"fact.j2": template.replace("TAGS", '\n{{ hashtags|join(" ") }}')}, max_length=500
    )

    with pytest.raises(RenderError, match=rf"fact\.j2 leaves out {reason}.*: write it there"):
        render(renderer, make_fact(), make_campaign(), account_on("x", links=True))


@pytest.mark.parametrize(
    ("text", "refused"),
    [
        pytest.param("وثّق الأرشيف ذلك", False, id="arabic"),
        pytest.param("130 «سجيناً»", False, id="number-and-quotes-first"),
        pytest.param("⚡️ وثّق", False, id="emoji-first"),
        pytest.param("SNHR وثّقت ذلك", True, id="latin-name-first"),
        pytest.param("#NotHostages وسم", True, id="latin-hashtag-first"),
    ],
)
def test_arabic_post_begins_with_an_arabic_letter(
    renderer, make_call, make_campaign, account_on, text, refused
):
    item = make_call(wordings={"ar": Wording(text=text)})

    if refused:
        with pytest.raises(RenderError, match=r"first letter is '[SN]'.*: begin with a word"):
            render(renderer, item, make_campaign(), account_on("x"), language="ar")
    else:
        assert text in text_of(renderer, item, make_campaign(), account_on("x"), language="ar")


PLAIN_NUMBERS = ("2254", "2011", "2020", "22", "9", "2.5")


@pytest.mark.parametrize(
    ("text", "written"),
    [
        pytest.param("القرار 2254 و2254.", "القرار ٢٢٥٤ و٢٢٥٤.", id="alone-and-after-waw"),
        pytest.param("عام 2011-2020", "عام ٢٠١١-٢٠٢٠", id="span"),
        pytest.param("يوم 22.9.2011", "يوم ٢٢.٩.٢٠١١", id="date"),
        pytest.param("يوم 22.10.2011", "يوم 22.10.2011", id="date-with-an-undeclared-part"),
        pytest.param("نحو 2,254 و2.5", "نحو ٢٬٢٥٤ و٢٫٥", id="separators"),
        pytest.param("مادة 3.5 و23", "مادة 3.5 و23", id="others-stay"),
        pytest.param("وسم #سوريا_2011 ورمز B2254", "وسم #سوريا_2011 ورمز B2254", id="hashtag-and-name"),
        pytest.param("وباء COVID-22 عام 2020", "وباء COVID-22 عام ٢٠٢٠", id="name-with-dash"),
        pytest.param("عبر https://example.org/2011 اليوم", "عبر https://example.org/2011 اليوم", id="link"),
        pytest.param("{2011} 2011", "٧ ٢٠١١", id="figure-of-that-name"),
    ],
)
def test_plain_numbers_become_arabic_where_they_stand_alone(
    renderer, make_call, make_campaign, account_on, text, written
):
    item = make_call(wordings={"ar": Wording(text=text)}, plain_numbers=PLAIN_NUMBERS, figures={"2011": 7})

    post = text_of(renderer, item, make_campaign(arabic_digits=True), account_on("x"), language="ar")

    assert post.startswith(written + "\n")


def test_importing_the_package_loads_neither_jinja2_nor_babel():
    code = "import sys, bot.rendering; print('jinja2' in sys.modules, 'babel' in sys.modules)"

    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert loaded.stdout == "False False\n"
