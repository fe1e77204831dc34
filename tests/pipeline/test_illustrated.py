"""A post's picture is the file of its network, described in its language; without it there is no post."""

from __future__ import annotations

import string
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from album import NoCards
from bot.core.campaign import Account, Campaign, Item, Kind, Network, Wording
from bot.core.errors import RenderError
from bot.core.media import Picture
from bot.core.post import RenderedPost
from bot.media.folder import MediaFolder
from bot.pipeline.illustrated import Illustrated
from bot.rendering.renderer import Renderer
from pictures import drawing, encoded
from posting import ACCOUNT, CAMPAIGN

Render = Callable[..., RenderedPost]
_ON: dict[Network, Account] = {
    network: replace(ACCOUNT, name=f"invented_{network}", network=network) for network in Network
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> MediaFolder:
    """A media folder, into which pictures may go."""
    return MediaFolder(tmp_path_factory.mktemp("data") / "media")


@pytest.fixture(scope="module")
def digest(folder: MediaFolder, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A picture so large that Bluesky gets a smaller file of it than the others."""
    path = tmp_path_factory.mktemp("photos") / "photo.png"
    path.write_bytes(encoded(drawing(size=(1400, 1100)).effect_spread(40), "png"))
    return folder.add(path).picture.file.digest


@pytest.fixture(scope="module")
def item(digest: str) -> Item:
    return Item(
        campaign=CAMPAIGN.key,
        key="invented-call",
        kind=Kind.CALL,
        wordings={"en": Wording(text="Ask them."), "ar": Wording(text="اسألوهم.")},
        figures={"total": 14388, "share": Decimal("12.5")},
        picture=Picture(
            file=digest, alt={"en": "{total} chairs", "ar": "{total} كرسياً"}, warning=True
        ),
    )  # fmt: skip


@pytest.fixture(scope="module")
def illustrated(renderer: Renderer, folder: MediaFolder) -> Illustrated:
    return Illustrated(renderer, pictures=folder, cards=NoCards())


@pytest.fixture
def render(illustrated: Illustrated) -> Render:
    def run(item: Item, *, on: Network = Network.X, language: str = "en", campaign: Campaign = CAMPAIGN):
        return illustrated.render(item, campaign=campaign, account=_ON[on], language=language)

    return run


def _shown(item: Item, **changes: object) -> Item:
    assert item.picture is not None
    return replace(item, picture=replace(item.picture, **changes))


@pytest.mark.parametrize("network", Network)
def test_the_file_of_its_network_leaves(render: Render, folder, item, digest, network: Network):
    picture = render(item, on=network).picture

    assert picture.file == folder.picture(digest).networks[network]
    assert folder.read(picture.file)
    assert picture.warning is True


def test_networks_that_take_less_get_a_smaller_file(render: Render, item):
    sizes = {network: render(item, on=network).picture.file.size for network in Network}

    assert sizes[Network.BLUESKY] < sizes[Network.X]


def test_a_post_without_a_picture_is_what_the_templates_make_of_it(render: Render, renderer, item):
    bare = replace(item, picture=None)

    rendered = render(bare)

    assert rendered == renderer.render(bare, campaign=CAMPAIGN, account=_ON[Network.X], language="en")
    assert rendered.picture is None


@pytest.mark.parametrize(
    ("language", "arabic_digits", "alt"),
    [
        pytest.param("en", False, "14,388 chairs", id="English"),
        pytest.param("ar", False, "14,388 كرسياً", id="Arabic"),
        pytest.param("ar", True, "١٤٬٣٨٨ كرسياً", id="Arabic digits"),
    ],
)
def test_its_words_are_of_the_posts_language_with_their_figures(
    render: Render, item, language: str, arabic_digits: bool, alt: str
):
    campaign = replace(CAMPAIGN, arabic_digits=arabic_digits)

    rendered = render(item, language=language, campaign=campaign)

    assert rendered.picture.alt == alt


_WORDS = st.text(alphabet=string.ascii_letters + " ابت.", min_size=1, max_size=30)


@settings(max_examples=50, deadline=None)
@given(
    pieces=st.lists(_WORDS | st.sampled_from(["{total}", "{share}"]), min_size=1, max_size=5),
    language=st.sampled_from(["en", "ar"]),
    arabic_digits=st.booleans(),
)
def test_no_figure_of_an_alternative_text_leaves_by_its_name(
    illustrated: Illustrated, item, pieces: list[str], language: str, arabic_digits: bool
):
    alt = " ".join(pieces)
    campaign = replace(CAMPAIGN, arabic_digits=arabic_digits)

    rendered = illustrated.render(
        _shown(item, alt={language: alt}), campaign=campaign, account=_ON[Network.TELEGRAM], language=language
    )

    assert rendered.picture is not None
    said = rendered.picture.alt
    assert "{" not in said
    latin = said.translate(str.maketrans("٠١٢٣٤٥٦٧٨٩٬٫", "0123456789,."))
    assert latin.count("14,388") == pieces.count("{total}")
    assert latin.count("12.5") == pieces.count("{share}")


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        pytest.param(
            {"alt": {"ar": "كراسي"}},
            'its picture is not described in en: say what it shows under "picture: alt: en:"',
            id="no-words",
        ),
        pytest.param(
            {"alt": {"en": "{totl} chairs"}},
            "no figure 'totl': the item's figures are total, share;",
            id="figure",
        ),
        pytest.param(
            {"file": "ab" * 32},
            f"{'ab' * 32}: no such picture; `campaign-bot media list` shows them",
            id="gone",
        ),
        pytest.param({"file": "../../etc/passwd"}, "../../etc/passwd: no such picture", id="no-digest"),
        pytest.param(
            {"alt": {"en": "chair " * 200 + "x"}},
            'x takes 1,000: shorten it under "picture: alt: en:"',
            id="too-long",
        ),
    ],
)
def test_a_post_that_lacks_its_picture_is_refused_by_name_with_the_remedy(
    render: Render, item, changes: dict[str, object], says: str
):
    with pytest.raises(RenderError) as refused:
        render(_shown(item, **changes))

    assert str(refused.value).startswith("invented-campaign/invented-call in en for invented_x: ")
    assert says in str(refused.value)


@pytest.mark.parametrize(
    ("network", "length"),
    [
        pytest.param(Network.X, 1000, id="x"),
        pytest.param(Network.MASTODON, 1500, id="mastodon"),
        pytest.param(Network.BLUESKY, 2000, id="bluesky"),
    ],
)
def test_as_many_words_as_a_network_takes_and_not_one_letter_more(
    render: Render, item, network: Network, length: int
):
    fits = render(_shown(item, alt={"en": "x" * length}), on=network)

    assert fits.picture.alt == "x" * length
    with pytest.raises(RenderError, match="shorten it"):
        render(_shown(item, alt={"en": "x" * (length + 1)}), on=network)


def test_what_fits_by_its_name_and_not_with_its_figure_is_too_long(render: Render, item):
    alt = "x" * (1000 - len(" {total}")) + " {total}"

    assert render(_shown(item, alt={"en": alt})).picture.alt.endswith(" 14,388")
    with pytest.raises(RenderError, match="shorten it"):
        render(replace(_shown(item, alt={"en": alt}), figures={"total": 10**9, "share": 1}))


def test_beside_its_picture_a_caption_takes_less_text(render: Render, item):
    text = Wording(text="word " * 300, short="Short words.")
    wordings = {"en": text, "ar": text}

    beside = render(replace(item, wordings=wordings), on=Network.TELEGRAM)
    alone = render(replace(item, wordings=wordings, picture=None), on=Network.TELEGRAM)

    assert (beside.used_short, alone.used_short) == (True, False)


def test_a_damaged_record_of_a_picture_is_named(illustrated, renderer, item, tmp_path: Path, digest):
    damaged = MediaFolder(tmp_path)
    (tmp_path / f"{digest}.json").write_text('{"file": 1}')

    with pytest.raises(RenderError, match=r"the file was changed or damaged: add the picture again"):
        Illustrated(renderer, pictures=damaged, cards=NoCards()).render(
            item, campaign=CAMPAIGN, account=_ON[Network.X], language="en"
        )
