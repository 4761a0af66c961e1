"""Settings: defaults that work, values that are checked, passwords that stay hidden."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from service.settings import Settings, SettingsError, describe, load_settings, unknown_variables


def test_an_empty_environment_gives_settings_that_work_at_once() -> None:
    settings = load_settings({})
    assert (settings.host, settings.port, settings.demo) == ("127.0.0.1", 8000, False)
    assert settings.database_url == "sqlite:///.data/moderation.sqlite3"
    assert settings.model_dir is None
    assert settings.rate_limit == 0
    assert settings.max_body_bytes >= 6_000_000


def test_an_empty_variable_is_as_good_as_none() -> None:
    assert load_settings({"PORT": "", "DATABASE_URL": ""}) == load_settings({})


def test_values_come_from_the_environment(tmp_path: Path) -> None:
    settings = load_settings(
        {
            "MODERATION_DATA_DIR": str(tmp_path),
            "PORT": "9001",
            "MODERATION_DEMO": "1",
            "MODERATION_MODEL_DIR": str(tmp_path),
            "MODERATION_RATE_LIMIT": "50",
            "HOME": "/somewhere",
        }
    )
    assert settings.database_url == f"sqlite:///{tmp_path}/moderation.sqlite3"
    assert (settings.port, settings.demo, settings.rate_limit) == (9001, True, 50)
    assert settings.model_dir == tmp_path


@pytest.mark.parametrize(
    ("variable", "value", "allowed"),
    [
        ("PORT", "0", "from 1 to 65535"),
        ("PORT", "65536", "from 1 to 65535"),
        ("PORT", "-1", "whole number"),
        ("PORT", "８０００", "whole number"),
        ("PORT", "9" * 5_000, "whole number"),
        ("PORT", "eighty", "whole number"),
        ("MODERATION_DEMO", "yes", "0 or 1"),
        ("MODERATION_HOST", "http://localhost/", "host name"),
        ("MODERATION_MODEL_DIR", "/nowhere/at/all", "folder that exists"),
        ("MODERATION_WORDLISTS_DIR", __file__, "folder that exists"),
        ("MODERATION_DATA_DIR", __file__, "folder"),
        ("MODERATION_MAX_BODY_BYTES", "1", "from 1024"),
        ("MODERATION_RATE_LIMIT", "1.5", "whole number"),
        ("MODERATION_CALENDAR_FILE", "/nowhere/at/all", "file that exists"),
        ("MODERATION_CLAMD", "localhost:3310", "tcp://host:3310"),
        ("MODERATION_CLAMD", "unix://host/socket", "unix:///path"),
        ("MODERATION_SCAN_RULES_DIR", "/nowhere/at/all", "folder that exists"),
        ("MODERATION_CALENDAR_READING", "loose", "wide or narrow"),
        ("MODERATION_NOTICE_CHANNELS", "sms;email", "with commas"),
        ("MODERATION_PUBLIC_URL", "platform.example", "https://platform.example/moderation"),
        ("MODERATION_SMTP_URL", "http://hidden.example", "smtp://user"),
        ("MODERATION_MAIL_FROM", "nobody", "notices@platform.example"),
        ("DATABASE_URL", "mysql://a:hidden@b/c", "postgresql://"),
        ("DATABASE_URL", "sqlite://", "sqlite:///path"),
        ("HOST_WEBHOOK_URL", "ftp://hidden/hook", "https://"),
        ("HOST_WEBHOOK_URL", "https:///hidden", "https://"),
        ("HOST_WEBHOOK_URL", "http://hidden:many/", "https://"),
        ("HOST_WEBHOOK_URL", "http://a/hid den", "https://"),
        ("HOST_WEBHOOK_SECRET", "hidden", "whsec_"),
        ("HOST_WEBHOOK_SECRET", "whsec_aGlkZGVu", "24 to 64 random bytes"),
        ("HOST_WEBHOOK_SECRET", f"whsec_{'hidden!!' * 8}", "24 to 64 random bytes"),
    ],
)
def test_a_wrong_value_names_the_variable_and_what_is_allowed(
    variable: str, value: str, allowed: str
) -> None:
    with pytest.raises(SettingsError, match=variable) as caught:
        load_settings({variable: value})
    assert allowed in str(caught.value)
    assert "hidden" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://u:secret@h:5432/d", "postgresql://u:***@h:5432/d"),
        ("postgresql://u:se@cret@h/d", "postgresql://u:***@h/d"),
        ("postgresql://u@h/d", "postgresql://u@h/d"),
        ("postgresql://u:x@h/d?password=secret", "postgresql://u:***@h/d"),
        ("postgresql://h/d?user=u&password=secret", "postgresql://h/d"),
        ("postgresql://u:x@h/d?password=se@cret", "postgresql://***"),
        ("postgresql://u:se?cret@h/d", "postgresql://***"),
        ("sqlite:///.data/store", "sqlite:///.data/store"),
    ],
)
def test_a_password_is_masked_where_settings_are_shown(url: str, shown: str) -> None:
    lines = {line.variable: line.value for line in describe(load_settings({"DATABASE_URL": url}))}
    assert lines["DATABASE_URL"] == shown


SECRET = f"whsec_{'A' * 43}="
HOST = {"HOST_WEBHOOK_URL": "https://u:hidden@platform.example/hook?token=hidden"}


def test_a_secret_is_never_shown() -> None:
    settings = load_settings({**HOST, "HOST_WEBHOOK_SECRET": SECRET})
    lines = {line.variable: line.value for line in describe(settings)}
    assert lines["HOST_WEBHOOK_SECRET"] == "***"
    assert lines["HOST_WEBHOOK_URL"] == "https://u:***@platform.example/hook"
    assert SECRET not in repr(settings)
    assert "hidden" not in repr(settings)


def test_a_host_needs_a_secret_outside_demo_mode() -> None:
    with pytest.raises(SettingsError, match="HOST_WEBHOOK_SECRET"):
        load_settings(HOST)
    assert load_settings({**HOST, "MODERATION_DEMO": "1"}).host_webhook_secret is None


def test_every_setting_says_what_it_means() -> None:
    lines = list(describe(load_settings({})))
    assert len(lines) == len(fields(Settings))
    assert all(len(line.meaning) > 10 for line in lines)
    assert len({line.variable for line in lines}) == len(lines)


def test_a_misspelt_setting_is_found() -> None:
    environment = {"MODERATION_HOTS": "1", "MODERATION_HOST": "::1", "PATH": "/bin"}
    assert unknown_variables(environment) == ["MODERATION_HOTS"]


def test_a_mail_server_needs_an_address_to_send_from_and_its_password_is_masked() -> None:
    server = {"MODERATION_SMTP_URL": "smtps://user:hidden@mail.example"}
    with pytest.raises(SettingsError, match="MODERATION_MAIL_FROM"):
        load_settings(server)
    settings = load_settings(server | {"MODERATION_MAIL_FROM": "notices@platform.example"})
    assert "hidden" not in "".join(line.value for line in describe(settings))
    assert "hidden" not in repr(settings)


def test_channels_are_listed_as_they_are_written() -> None:
    settings = load_settings({"MODERATION_NOTICE_CHANNELS": "sms, email"})
    assert settings.notice_channels == ("sms", "email")
    shown = {line.variable: line.value for line in describe(settings)}
    assert shown["MODERATION_NOTICE_CHANNELS"] == "sms,email"
