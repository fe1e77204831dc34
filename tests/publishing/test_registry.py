"""Publishers are found by their entry points, and only the one that is used is imported."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.core.errors import ConfigError
from bot.publishing.dry_run import DryRunPublisher
from bot.publishing.protocol import AccountSettings
from bot.publishing.registry import builder_for, installed_networks


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Put a package with one publisher beside the project."""

    def put(package: str, *, network: str, code: str) -> None:
        (tmp_path / f"{package}.py").write_text(code)
        info = tmp_path / f"{package}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[campaign_bot.publishers]\n{network} = {package}:build\n")
        monkeypatch.syspath_prepend(tmp_path)

    return put


GOOD = """
class Build:
    secret_names = ("TOKEN",)
    def __call__(self, settings, *, clock): ...

build = Build()
"""


def test_own_publishers_are_found(clock):
    settings = AccountSettings(account="a", api_url="", secrets={})

    publisher = builder_for("dry_run")(settings, clock=clock)

    assert isinstance(publisher, DryRunPublisher)
    assert {"dry_run", "x"} <= set(installed_networks())


def test_each_builder_names_its_secrets():
    assert builder_for("dry_run").secret_names == ()
    assert builder_for("x").secret_names == ("API_KEY", "API_SECRET", "ACCESS_TOKEN", "ACCESS_TOKEN_SECRET")


def test_only_the_network_that_is_used_is_imported():
    program = (
        "import sys\n"
        "from bot.publishing.registry import builder_for, installed_networks\n"
        "installed_networks(), builder_for('dry_run')\n"
        "import bot.publishing.x_prices\n"
        "print([name for name in ('tweepy', 'requests', 'bot.publishing.x') if name in sys.modules])\n"
    )

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


def test_network_of_another_package_is_found(install):
    install("invented_network", network="invented", code=GOOD)

    assert builder_for("invented").secret_names == ("TOKEN",)


def test_unknown_network_is_refused_with_those_installed():
    with pytest.raises(ConfigError, match=r"network 'nowhere': no publisher is installed .*: .*dry_run.*, x"):
        builder_for("nowhere")


def test_two_publishers_of_one_network_are_refused(install):
    install("invented_one", network="invented", code=GOOD)
    install("invented_two", network="invented", code=GOOD)

    with pytest.raises(
        ConfigError, match="several publishers claim it: invented_one:build, invented_two:build"
    ):
        builder_for("invented")


@pytest.mark.parametrize(
    ("package", "code", "words"),
    [
        pytest.param(
            "invented_broken", "import invented_missing\n", "cannot be imported: No module", id="broken"
        ),
        pytest.param("invented_empty", "", "cannot be imported", id="without build"),
        pytest.param(
            "invented_plain", "def build(settings, *, clock): ...\n", "is no builder", id="no secrets named"
        ),
    ],
)
def test_publisher_that_cannot_be_used_is_named(install, package, code, words):
    install(package, network="invented", code=code)

    with pytest.raises(ConfigError, match=rf"{package}:build.*{words}"):
        builder_for("invented")


def test_library_that_is_not_installed_is_one_clear_line(monkeypatch):
    monkeypatch.delitem(sys.modules, "bot.publishing.mastodon", raising=False)
    monkeypatch.setitem(sys.modules, "mastodon", None)

    with pytest.raises(ConfigError) as caught:
        builder_for("mastodon")

    assert str(caught.value) == (
        "network 'mastodon': the library mastodon is not installed — "
        "install it: pip install 'campaign-bot[mastodon]'"
    )
