"""What several pages show: icons, badges, and where static files are."""

from __future__ import annotations

from functools import cache

from flask import Flask, current_app, request
from flask_login import current_user
from heroicons.jinja import heroicon_mini, heroicon_outline

from bot.core.people import Role
from bot.core.post import State
from bot.web.asking import app, console, here, may, reader_zone, told_lines
from bot.web.look import follower
from bot.web.look.difference import difference
from bot.web.pages import static_files
from bot.web.picture_field import stored_picture


def install(flask_app: Flask) -> None:
    """Give every template what `layout.html` and the macros use."""
    flask_app.jinja_env.globals.update(
        asset=static_files.address,
        console=console,
        difference=difference,
        follower_text=follower.follower_text,
        frame=lambda: app().overview.frame(current_user.person.name),
        has_warnings=follower.has_warnings,
        here=here,
        icon=cache(heroicon_outline),
        is_above=follower.is_above,
        is_kept=lambda file: app().media.shows(file),
        known=lambda endpoint: endpoint in current_app.view_functions,
        link_card=follower.card_of,
        may=may,
        # A page has hundreds; each is drawn once.
        mini=cache(heroicon_mini),
        picture_of=stored_picture,
        reader_zone=reader_zone,
        shows_descriptions=follower.shows_descriptions,
        Role=Role,
        State=State,
        told_lines=told_lines,
        theme=lambda: request.cookies.get("theme", "auto"),
        turning_marks=follower.turning_marks,
        unseen_marks=follower.unseen_marks,
        warning_line=follower.warning_line,
    )
