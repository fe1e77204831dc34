"""Users are added, removed, given another role, and let begin anew; the send log says by whom."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.core.errors import NotAllowedError, NotFoundError
from bot.core.people import Role
from bot.people.passwords import PasswordProblem
from bot.pipeline.people import Step
from bot.pipeline.register import Register

NEW = "other invented words"


@pytest.fixture
def admin(door):
    """The register in the hand of Amal, who is signed in as admin."""
    door.add("Amal", Role.ADMIN)
    return Register(door.db, door.clock, who="Amal", is_user=True, open_door=door.people.open_door)


def test_user_is_added_without_a_password_and_chooses_one_by_a_link(door):
    token = door.register.add("  Huda   K ", Role.AUTHOR)

    assert door.people.has_users()
    assert door.people.chooser(token) == "Huda K"
    assert door.people.choose_password(token, NEW) is None
    assert door.sign_in("Huda K", NEW).step is Step.IN


def test_link_to_choose_a_password_works_once(door):
    token = door.register.add("Huda", Role.AUTHOR)
    door.people.choose_password(token, NEW)

    door.people.choose_password(token, "mallory's own words")

    assert door.people.chooser(token) is None
    assert door.sign_in("Huda", "mallory's own words").step is Step.WRONG


def test_bad_password_leaves_the_link_good(door):
    token = door.register.add("Huda", Role.AUTHOR)

    assert door.people.choose_password(token, "short") is PasswordProblem.SHORT
    assert door.people.chooser(token) == "Huda"


@pytest.mark.parametrize(("hours", "good"), [(23, True), (24, False)])
def test_link_to_choose_a_password_is_good_for_24_hours(door, hours, good):
    token = door.register.add("Huda", Role.AUTHOR)
    door.clock.advance(timedelta(hours=hours))

    assert (door.people.chooser(token) is not None) is good
    door.people.choose_password(token, NEW)
    assert (door.sign_in("Huda", NEW).step is Step.IN) is good


def test_link_to_choose_a_password_is_no_way_in_by_itself(door):
    token = door.register.add("Huda", Role.ADMIN)

    assert door.people.enter(token) is None
    assert door.people.code_asked(token) is None
    assert door.who(token) is None


def test_chosen_password_ends_the_other_links(door):
    first = door.register.add("Huda", Role.AUTHOR)
    _, second = door.register.reset("Huda")
    assert door.people.chooser(first) is None, "a reset ends what was before it"
    door.people.choose_password(second, NEW)

    assert door.people.chooser(second) is None


@pytest.mark.parametrize("name", ["huda", "HUDA", " Huda ", "Ｈｕｄａ"])
def test_two_users_cannot_have_one_name(door, name):
    door.add("Huda")

    with pytest.raises(NotAllowedError, match="there is a user 'Huda' already"):
        door.register.add(name, Role.VIEWER)


@pytest.mark.parametrize("name", ["", "campaign-bot", "Campaign-Bot", "a/b", "x" * 65, "Hu\u202eda"])
def test_what_is_no_name_is_refused(door, name):
    with pytest.raises(NotAllowedError, match="can be no user's name"):
        door.register.add(name, Role.VIEWER)

    assert not door.people.has_users()


def test_hidden_characters_of_a_name_are_named(door):
    with pytest.raises(NotAllowedError) as refused:
        door.register.add("هدى\u202eda", Role.VIEWER)

    assert '"هدى[RIGHT-TO-LEFT OVERRIDE]da" can be no user\'s name' in str(refused.value)


def test_removed_user_comes_back_without_the_old_password_and_codes(door):
    door.add("Huda", Role.ADMIN)
    half = door.sign_in().token
    old = door.people.code_asked(half).secret
    door.people.confirm(half, door.code(half), address=None)
    door.register.remove("huda")

    token = door.register.add("HUDA", Role.ADMIN)

    assert door.sign_in().step is Step.WRONG
    door.people.choose_password(token, NEW)
    assert [user.name for user in door.register.users()] == ["Huda"]
    assert door.people.code_asked(door.sign_in("Huda", NEW).token).secret not in (None, old)


def test_removing_the_last_user_brings_the_single_person_back(door):
    door.add("Huda")
    door.register.remove("Huda")

    assert not door.people.has_users()
    assert door.who(door.enter()) is not None


def test_reset_forgets_password_and_codes(door):
    door.add("Huda", Role.ADMIN)
    half = door.sign_in().token
    old = door.people.code_asked(half).secret
    door.people.confirm(half, door.code(half), address=None)

    name, token = door.register.reset("HUDA")

    assert name == "Huda"
    assert door.sign_in().step is Step.WRONG
    door.people.choose_password(token, NEW)
    assert door.people.code_asked(door.sign_in("Huda", NEW).token).secret not in (None, old)


def test_viewer_who_becomes_approver_sets_up_codes(door):
    door.add("Huda")
    door.register.set_role("Huda", Role.APPROVER)

    half = door.sign_in()

    assert half.step is Step.CODE
    assert door.people.code_asked(half.token).secret is not None


def test_how_each_user_stands(door):
    door.add("Huda", Role.ADMIN)
    door.register.add("Leyla", Role.VIEWER)
    half = door.sign_in().token
    door.people.confirm(half, door.code(half), address=None)

    huda, leyla = door.register.users()

    assert (huda.role, huda.has_password, huda.has_codes) == (Role.ADMIN, True, True)
    assert (leyla.role, leyla.has_password, leyla.has_codes) == (Role.VIEWER, False, False)
    assert (huda.last_seen_at, leyla.last_seen_at) == (door.clock.now(), None)


@pytest.mark.parametrize(
    "act",
    [
        pytest.param(lambda register: register.remove("Nobody"), id="remove"),
        pytest.param(lambda register: register.set_role("Nobody", Role.VIEWER), id="role"),
        pytest.param(lambda register: register.reset("Nobody"), id="reset"),
    ],
)
def test_who_is_not_there_is_named(door, act):
    with pytest.raises(NotFoundError, match="there is no user 'Nobody'"):
        act(door.register)


def test_same_role_again_is_refused(door):
    door.add("Huda")

    with pytest.raises(NotAllowedError, match="'Huda' is viewer already"):
        door.register.set_role("Huda", Role.VIEWER)


def test_admin_in_the_console_cannot_remove_or_demote_the_own_self(admin):
    with pytest.raises(NotAllowedError, match="let another admin do it"):
        admin.remove("amal")
    with pytest.raises(NotAllowedError, match="let another admin do it"):
        admin.set_role("amal", Role.VIEWER)


def test_first_user_added_in_the_console_is_an_admin(door):
    console = Register(door.db, door.clock, who="Sami", is_user=True, open_door=door.people.open_door)

    with pytest.raises(NotAllowedError, match="the first user must be an admin"):
        console.add("Huda", Role.VIEWER)
    console.add("Huda", Role.ADMIN)

    assert door.people.has_users()


def test_send_log_says_who_did_what_and_holds_no_secret(door):
    token = door.register.add("Huda", Role.AUTHOR)
    door.register.set_role("Huda", Role.VIEWER)
    _, again = door.register.reset("Huda")
    door.register.remove("Huda")

    events = door.events()

    assert events == [
        ("user-added", {"user": "Huda", "role": "author", "who": "Sami"}),
        ("user-role", {"user": "Huda", "role": "viewer", "before": "author", "who": "Sami"}),
        ("user-reset", {"user": "Huda", "who": "Sami"}),
        ("user-removed", {"user": "Huda", "who": "Sami"}),
    ]
    assert token not in repr(events)
    assert again not in repr(events)


def test_of_two_admins_who_remove_each_other_at_once_one_is_left(door, admin):
    door.add("Adnan", Role.ADMIN)
    other = Register(door.db, door.clock, who="Adnan", is_user=True, open_door=door.people.open_door)
    # Both are past the page's look at their role.
    other.remove("Amal")

    for late in (
        lambda: admin.remove("Adnan"),
        lambda: admin.set_role("Adnan", Role.VIEWER),
        lambda: admin.reset("Adnan"),
        lambda: admin.add("Huda", Role.ADMIN),
    ):
        with pytest.raises(NotAllowedError, match="'Amal' is no admin any more: nothing was done"):
            late()

    assert [(user.name, user.role) for user in door.register.users()] == [("Adnan", Role.ADMIN)]
