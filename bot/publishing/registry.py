"""Find the builder of a network's publisher among the installed entry points."""

from __future__ import annotations

from importlib.metadata import EntryPoint, entry_points
from typing import cast

from bot.core.errors import ConfigError, Problem
from bot.publishing.protocol import Build

#: Entry points in this group name a network and its `build` (pyproject.toml has the project's own).
GROUP = "campaign_bot.publishers"


def installed_networks() -> tuple[str, ...]:
    """Names of the networks that have a publisher, without importing any of them."""
    return tuple(sorted({point.name for point in entry_points(group=GROUP)}))


def builder_for(network: str) -> Build:
    """Import one network's publisher, and no other, and return its builder.

    Raises ConfigError when none or several are installed under that name, or when it cannot be imported.
    """
    point = entry_point_of(network)
    try:
        build = point.load()
    except ModuleNotFoundError as error:
        missing = (error.name or "bot").partition(".")[0]
        if missing == "bot" or not point.value.startswith("bot."):
            raise _not_importable(network, point, error) from error
        raise _problem(
            network,
            f"the library {error.name} is not installed",
            f"install it: pip install 'campaign-bot[{network}]'",
        ) from error
    except (ImportError, AttributeError) as error:
        raise _not_importable(network, point, error) from error
    if not callable(build) or not isinstance(getattr(build, "secret_names", None), tuple):
        raise _problem(
            network,
            f"{point.value!r} is no builder",
            "it must be callable and name its secrets in the tuple `secret_names`",
        )
    return cast(Build, build)


def entry_point_of(network: str) -> EntryPoint:
    """Where a network's publisher is, unimported. Raises ConfigError when none or several are installed."""
    # The same package can be seen twice (an editable install beside a wheel): that is one publisher.
    found = {point.value: point for point in entry_points(group=GROUP, name=network)}
    match list(found.values()):
        case [point]:
            return point
        case []:
            installed = ", ".join(installed_networks()) or "none"
            raise _problem(network, "no publisher is installed for it", f"installed are: {installed}")
        case _:
            rivals = ", ".join(sorted(found))
            raise _problem(network, f"several publishers claim it: {rivals}", "uninstall all but one")


def _not_importable(network: str, point: EntryPoint, error: Exception) -> ConfigError:
    return _problem(network, f"its publisher {point.value!r} cannot be imported: {error}", "reinstall it")


def _problem(network: str, what: str, remedy: str) -> ConfigError:
    return ConfigError([Problem(where=f"network {network!r}", what=what, remedy=remedy)])
