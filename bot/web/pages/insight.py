"""What left, as pictures with a table behind each."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response, abort, render_template, request, url_for

from bot.core.people import Role
from bot.core.post import Mode
from bot.pipeline.insight import COUNTED_UP_TO, Figures
from bot.web.asking import app
from bot.web.look.charts import DARK, LIGHT, Look
from bot.web.look.pictures import picture_of, pictures_of
from bot.web.pages import Pages
from bot.web.speech import direction

pages = Pages(__name__)

#: How far back one may look, in days.
SPANS = (7, 30, 90, 365)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Which figures are asked for. What is not understood is as if it were not there."""

    days: int
    campaign: str | None
    mode: Mode

    @classmethod
    def read(cls) -> Asked:
        days = request.args.get("days", type=int)
        named = {mode.value: mode for mode in Mode}
        return cls(
            days=days if days in SPANS else SPANS[1],
            campaign=request.args.get("campaign") or None,
            # Left open, what this very installation does: never both in one figure.
            mode=named.get(request.args.get("mode", ""), app().settings.mode),
        )

    def figures(self) -> Figures:
        return app().insight.figures(days=self.days, campaign=self.campaign, mode=self.mode)

    def address(self, endpoint: str, **changes: object) -> str:
        """The address of the same figures, with some of it changed."""
        asked = {"days": self.days, "campaign": self.campaign, "mode": self.mode.value}
        return url_for(endpoint, **(asked | changes))  # type: ignore[arg-type]


@pages.get("/insight", needs=Role.VIEWER)
def insight() -> str:
    asked = Asked.read()
    figures = asked.figures()
    return render_template(
        "insight.html",
        asked=asked,
        spans=SPANS,
        figures=figures,
        pictures=pictures_of(figures) if figures.posts else [],
        campaigns=app().inspector.campaigns(),
        counted_up_to=COUNTED_UP_TO,
        Mode=Mode,
    )


@pages.get("/insight/<key>.svg", needs=Role.VIEWER)
def chart(key: str) -> Response:
    figures = Asked.read().figures()
    picture = picture_of(figures, key) if figures.posts else None
    if picture is None:
        abort(404)
    return svg_answer(picture.draw(asked_look()))


def asked_look() -> Look:
    """How the picture is to look: as its address says, and in the direction of the page's language."""
    return Look(
        palette=DARK if request.args.get("theme") == "dark" else LIGHT,
        mirrored=direction() == "rtl",
        narrow=request.args.get("width") == "narrow",
    )


def svg_answer(drawn: str) -> Response:
    """A picture for an <img>. It has no style, no script and no address: no policy has to allow any."""
    return Response(drawn, content_type="image/svg+xml; charset=utf-8")
