"""Settings: what an operator sets, what is missing said in sentences, secrets made once."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from board.app import Unfit, make_board
from board.core.config import SECRET_NAMES, Settings, lacking, with_own_secrets

LONG = "a long enough secret for production use"
FIT: dict[str, Any] = {
    "environment": "production",
    "base_url": "https://board.example.org",
    "voter_secret": LONG,
    "sealing_keys": (LONG,),
    "link_secret": LONG,
    "smtp_host": "mail.example.org",
    "mail_from": "hello@board.example.org",
}


@pytest.fixture(autouse=True)
def no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is set around the tests says nothing here."""
    for name in Settings.model_fields:
        monkeypatch.delenv(f"BOARD_{name.upper()}", raising=False)


@pytest.mark.parametrize(
    "address",
    [
        "tiles.example.org/{z}/{x}/{y}.png",
        "javascript:alert(1)//{z}",
        "https://tiles.example.org; script-src *",
        "https://tiles.example.org/{z}/{x}/{y}.png *",
        "https://user:word@tiles.example.org/{z}/{x}/{y}.png",
        "https://*/{z}/{x}/{y}.png",
    ],
)
def test_map_tiles_must_be_an_address_that_hides_nothing(address: str) -> None:
    with pytest.raises(ValidationError, match="map_tiles_url"):
        Settings(map_tiles_url=address)


def test_map_tiles_come_from_one_origin() -> None:
    assert Settings().map_tiles_origin == ""
    for address, origin in (
        ("https://tiles.example.org/{z}/{x}/{y}@2x.png?key=a-1", "https://tiles.example.org"),
        ("https://{s}.tiles.example.org/{z}/{x}/{y}.png", "https://*.tiles.example.org"),
        ("http://127.0.0.1:8080/{z}/{x}/{y}.png", "http://127.0.0.1:8080"),
    ):
        assert Settings(map_tiles_url=address).map_tiles_origin == origin


def test_environment_sets_what_it_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOARD_SMTP_PORT", "25")
    monkeypatch.setenv("BOARD_PUBLISH_FIRST", "yes")
    monkeypatch.setenv("BOARD_SOMETHING_ELSE", "1")
    monkeypatch.setenv("SITE_NAME", "not ours")
    settings = Settings()
    assert (settings.smtp_port, settings.publish_first) == (25, True)
    assert settings.site_name == "In Your Town"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("", ()),
        ("one", ("one",)),
        ("one,two", ("one", "two")),
        (" one , two ,, ", ("one", "two")),
        ('["one"]', ('["one"]',)),
    ],
)
@pytest.mark.parametrize("name", ["sealing_keys", "circles_hosts", "trusted_hosts", "proxies"])
def test_lists_are_written_with_commas(
    monkeypatch: pytest.MonkeyPatch, name: str, written: str, read: tuple[str, ...]
) -> None:
    monkeypatch.setenv(f"BOARD_{name.upper()}", written)
    assert getattr(Settings(), name) == read


@pytest.mark.parametrize(
    ("name", "value"),
    [("environment", "prod"), ("smtp_port", "many"), ("code_minutes", "1"), ("code_tries", "0")],
)
def test_value_that_can_t_be_is_refused(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(f"BOARD_{name.upper()}", value)
    with pytest.raises(ValidationError):
        Settings()


def test_settings_do_not_change_under_way() -> None:
    with pytest.raises(ValidationError):
        Settings().site_name = "Another"  # type: ignore[misc]


# --- production -----------------------------------------------------------------------------


def test_production_that_has_everything_lacks_nothing() -> None:
    assert lacking(Settings(**FIT)) == []


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        *((name, type(FIT[name])(), f"Set BOARD_{name.upper()} ") for name in SECRET_NAMES),
        ("voter_secret", "short", "BOARD_VOTER_SECRET is too short"),
        ("sealing_keys", (LONG, "short"), "BOARD_SEALING_KEYS is too short"),
        ("base_url", "http://board.example.org", "Set BOARD_BASE_URL "),
        ("smtp_host", "", "Set BOARD_SMTP_HOST "),
        ("mail_from", "hello@example.org", "Set BOARD_MAIL_FROM "),
    ],
)
def test_production_says_what_it_lacks(name: str, value: object, said: str) -> None:
    sentences = lacking(Settings(**{**FIT, name: value}))
    assert len(sentences) == 1
    assert sentences[0].startswith(said)
    assert LONG not in sentences[0]


def test_production_that_lacks_something_does_not_start(tmp_path: Path) -> None:
    settings = Settings(environment="production", var=tmp_path)
    with pytest.raises(Unfit) as unfit:
        make_board(settings)
    assert len(str(unfit.value).splitlines()) == 6
    assert list(tmp_path.iterdir()) == []


def test_production_makes_no_secrets_of_its_own(tmp_path: Path) -> None:
    settings = Settings(environment="production", var=tmp_path)
    assert with_own_secrets(settings) == settings
    assert list(tmp_path.iterdir()) == []


def test_hosts_of_production_are_its_own() -> None:
    assert Settings(**FIT, trusted_hosts=("www.example.org",)).hosts == [
        "board.example.org",
        "www.example.org",
    ]
    assert {"localhost", "127.0.0.1"} <= set(Settings().hosts)


# --- development ----------------------------------------------------------------------------


def test_development_lacks_nothing() -> None:
    assert lacking(Settings()) == []


def test_development_makes_its_secrets_once_and_for_itself_alone(tmp_path: Path) -> None:
    first = with_own_secrets(Settings(var=tmp_path))
    made = (first.voter_secret, *first.sealing_keys, first.link_secret)
    assert len(set(made)) == 3
    assert all(len(secret) == 64 for secret in made)
    assert with_own_secrets(Settings(var=tmp_path)) == first
    files = sorted((tmp_path / "secrets").iterdir())
    assert [file.name for file in files] == sorted(SECRET_NAMES)
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert stat.S_IMODE((tmp_path / "secrets").stat().st_mode) == 0o700


def test_development_keeps_secrets_that_are_set(tmp_path: Path) -> None:
    settings = with_own_secrets(Settings(var=tmp_path, voter_secret="set"))
    assert settings.voter_secret == "set"
    assert not (tmp_path / "secrets" / "voter_secret").exists()
    assert len(settings.link_secret) == 64


def test_processes_that_start_at_once_share_their_secrets(tmp_path: Path) -> None:
    def start(_number: int) -> Settings:
        return with_own_secrets(Settings(var=tmp_path))

    with ThreadPoolExecutor(16) as threads:
        started = list(threads.map(start, range(48)))
    assert started == [started[0]] * 48
    assert len(list((tmp_path / "secrets").iterdir())) == 3
