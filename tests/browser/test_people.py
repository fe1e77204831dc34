"""People with roles, in a browser: they choose a password, sign in, and find what their role may do."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page

from bot.core.people import Role
from browser import PHONE


def test_users_come_in_by_password_and_code_and_see_what_their_role_may_do(
    page_as: Callable[..., Page],
) -> None:
    admin = page_as(Role.ADMIN)
    viewer = page_as(Role.VIEWER, language="ar", size=PHONE)

    assert admin.get_by_role("link", name="Users").count() == 1
    assert admin.get_by_role("link", name="Stop everything").count() == 1
    assert viewer.locator("html").get_attribute("dir") == "rtl"
    assert viewer.locator("a[href='/users']").count() == 0
    assert viewer.locator("a[href='/pause']").count() == 0
