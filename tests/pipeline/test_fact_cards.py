"""In a campaign with cards a fact without a picture of its own leaves with its card; looking keeps none."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import time
from pathlib import Path

import pytest

from bot.cards.drawing import CardDrawer
from bot.cards.fonts import Fonts
from bot.core.campaign import Account, Campaign, Hashtags, Item, Kind, Network, PostingTime, Source, Wording
from bot.core.dates import Period
from bot.core.errors import ConfigError, RenderError
from bot.core.media import Picture
from bot.media.bytes_check import prove_bare
from bot.media.folder import MediaFolder
from bot.pipeline.fact_cards import FactCards
from bot.pipeline.illustrated import Illustrated
from bot.rendering.renderer import Renderer
from pictures import drawing, encoded

X = Account(name="lamps_x", network=Network.X, languages=("ar", "en"), links=False)
TELEGRAM = Account(name="lamps_telegram", network=Network.TELEGRAM, languages=("ar", "en"), channel="@lamps")
CAMPAIGN = Campaign(
    key="lamps",
    title={"ar": "مصابيح", "en": "Lamps"},
    organisers={"ar": ("جمعية",), "en": ("Society",)},
    languages=("ar", "en"),
    zone="Asia/Damascus",
    hashtags={"ar": Hashtags(required=("#مصابيح_الميناء",)), "en": Hashtags(required=("#Lamps",))},
    accounts=(X, TELEGRAM),
    posting_times=(PostingTime(at=time(9)),),
    cards=True,
)
FACT = Item(
    campaign="lamps",
    key="lit",
    kind=Kind.FACT,
    wordings={
        "ar": Wording(text="أُضيء {n} مصباح."),
        "en": Wording(text="They lit {n} lamps."),
    },
    source=Source(publisher={"ar": "أرشيف", "en": "Archive"}, url="https://archive.example.org"),
    period=Period.parse("2011-03"),
    figures={"n": 1438},
)


class CountingDrawer:
    """Draws, and counts how often."""

    def __init__(self) -> None:
        self._drawer = CardDrawer()
        self.drawn = 0

    def draw(self, card):
        self.drawn += 1
        return self._drawer.draw(card)


@pytest.fixture
def folder(tmp_path: Path) -> MediaFolder:
    return MediaFolder(tmp_path / "media")


@pytest.fixture
def keeping(folder: MediaFolder, renderer: Renderer) -> Callable[..., Illustrated]:
    """Build a renderer that keeps its cards in the folder."""

    def build(drawer=None) -> Illustrated:
        cards = FactCards(
            drawer or CardDrawer(),
            take=lambda card: folder.keep_drawn(card.data, small=card.small),
            is_there=folder.has,
        )
        return Illustrated(renderer, pictures=folder, cards=cards)

    return build


def _post(renderer, item=FACT, *, campaign=CAMPAIGN, account=X, language="en"):
    return renderer.render(item, campaign=campaign, account=account, language=language)


def test_fact_leaves_with_its_card_proven_and_described(keeping, folder):
    picture = _post(keeping()).picture

    assert picture.alt == "Card: They lit 1,438 lamps. Source: Archive (March 2011). Lamps. #Lamps"
    assert not picture.warning
    data = folder.read(picture.file)
    assert hashlib.sha256(data).hexdigest() == picture.file.digest
    assert (picture.file.width, picture.file.height) == (1200, 675)
    assert prove_bare(data).format == "png"


def test_kept_card_holds_no_chunk_beside_its_pixels(keeping, folder):
    data = folder.read(_post(keeping(), language="ar").picture.file)

    kinds, position = [], 8
    while position < len(data):
        kinds.append(data[position + 4 : position + 8])
        position += 12 + int.from_bytes(data[position : position + 4], "big")
    assert set(kinds) == {b"IHDR", b"IDAT", b"IEND"}


def test_card_of_a_fact_with_a_content_warning_is_shown_after_a_warning(keeping):
    warned = replace(FACT, content_warning={"ar": "تحذير", "en": "Warning"})

    assert _post(keeping(), warned, account=TELEGRAM).picture.warning


def test_only_facts_of_campaigns_with_cards_have_one(keeping):
    call = replace(FACT, key="keep", kind=Kind.CALL)

    assert _post(keeping(), call).picture is None
    assert _post(keeping(), campaign=replace(CAMPAIGN, cards=False)).picture is None


def test_picture_of_the_items_own_comes_first(keeping, folder):
    own = folder.keep_drawn(**_png_and_small())
    item = replace(FACT, picture=Picture(file=own.digest, alt={"ar": "مصباح", "en": "A lamp"}, warning=False))

    picture = _post(keeping(), item).picture

    assert (picture.file, picture.alt) == (own, "A lamp")


def test_description_of_its_own_picture_beyond_what_the_network_takes_is_refused(keeping, folder):
    own = folder.keep_drawn(**_png_and_small())
    item = replace(FACT, picture=Picture(file=own.digest, alt={"en": "lamp " * 250}, warning=False))

    with pytest.raises(RenderError) as refused:
        _post(keeping(), item)

    assert str(refused.value) == (
        "lamps/lit in en for lamps_x: what its picture shows is told in 1,250 characters, and x takes 1,000:"
        ' shorten it under "picture: alt: en:"'
    )


def test_one_card_serves_every_account_and_every_moment(keeping):
    drawer = CountingDrawer()
    renderer = keeping(drawer)

    files = {_post(renderer, account=account).picture.file for account in (X, TELEGRAM, X)}

    assert len(files) == 1
    assert drawer.drawn == 1


def test_each_language_and_each_version_has_its_own(keeping):
    renderer = keeping()
    changed = replace(FACT, figures={"n": 1439})

    files = [
        _post(renderer, item, language=language).picture.file.digest
        for item in (FACT, changed)
        for language in ("ar", "en")
    ]

    assert len(set(files)) == 4


def test_another_process_draws_the_very_same_card(keeping):
    first, again = _post(keeping()), _post(keeping())

    assert first.picture == again.picture


def test_looking_keeps_nothing_and_says_the_same(keeping, folder, renderer, tmp_path):
    cards = FactCards(
        CardDrawer(),
        take=lambda card: folder.sketch(card.data, small=card.small),
        is_there=folder.shows,
    )
    sketcher = Illustrated(renderer, pictures=folder, cards=cards)

    sketched = _post(sketcher).picture

    assert not (tmp_path / "media").exists()
    assert folder.shows(sketched.file)
    assert prove_bare(folder.shown(sketched.file)).width == 1200
    assert prove_bare(folder.shown(folder.small_of(sketched.file.digest))).width == 600
    assert sketched == _post(keeping()).picture


def test_sketches_of_long_ago_are_forgotten(folder):
    first = folder.sketch(**_png_and_small(0))
    for number in range(1, 60):
        folder.sketch(**_png_and_small(number))

    assert not folder.shows(first)


def test_damaged_card_is_drawn_anew(keeping, folder):
    file = _post(keeping()).picture.file
    folder.path_of(file).write_bytes(b"damaged")

    again = _post(keeping()).picture.file

    assert again == file
    assert prove_bare(folder.read(file)).width == 1200


def test_card_that_cannot_be_made_rejects_the_post_in_words(keeping):
    item = replace(FACT, wordings={"en": Wording(text="They lit 🕯.")}, figures={})

    with pytest.raises(RenderError) as refused:
        _post(keeping(), item)

    said = "lamps/lit in en for lamps_x: no font of the cards has 🕯 (U+1F56F CANDLE)"
    assert str(refused.value).startswith(said)


def test_machine_without_the_fonts_rejects_no_post(keeping):
    drawer = CardDrawer(Fonts([("fontpkg_that_nobody_has", "Nobody Sans")]))

    with pytest.raises(ConfigError, match=r"pip install 'campaign-bot\[cards\]'"):
        _post(keeping(drawer))


def _png_and_small(number: int = 0) -> dict[str, bytes]:
    data = encoded(drawing(size=(32 + number, 32)), "png")
    return {"data": data, "small": data}


def test_card_that_was_lost_since_it_was_drawn_is_drawn_again(keeping, folder):
    drawer = CountingDrawer()
    renderer = keeping(drawer)
    lost = _post(renderer).picture.file
    folder.path_of(lost).unlink()

    again = _post(renderer).picture.file

    assert again == lost
    assert folder.read(again)
    assert drawer.drawn == 2


def test_fact_too_long_for_a_card_leaves_without_one(keeping, folder):
    item = replace(FACT, wordings={"en": Wording(text="They lit {n} lamps. " * 60)})
    campaign = replace(CAMPAIGN, threads=True)

    rendered = _post(keeping(), item, campaign=campaign)

    assert rendered.picture is None
    assert len(rendered.parts) > 1
    assert folder.pictures() == []
