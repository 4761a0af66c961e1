"""Every setting: read from the environment once, checked, able to describe itself. Over 300 lines
because an operator looks for all of them in one place."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from pathlib import Path
from typing import Any

from service.settings_values import (
    read_audit_key,
    read_choice,
    read_clamd,
    read_command,
    read_file,
    read_folder,
    read_host,
    read_mail_address,
    read_mail_server,
    read_names,
    read_new_folder,
    read_number,
    read_objects,
    read_public_url,
    read_redis,
    read_store,
    read_switch,
    read_time,
    read_webhook,
    read_webhook_secret,
)


class SettingsError(Exception):
    """A setting that cannot be; the message names the variable and what it may be."""

    code = "wrong_setting"


def _from(
    variable: str, default: str, meaning: str, read: Callable[[str], Any], *, secret: bool = False
) -> Mapping[str, Any]:
    """What a field knows of itself; `read` raises `ValueError` saying what is allowed."""
    about = {"variable": variable, "default": default, "meaning": meaning, "read": read}
    return about | {"secret": secret}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What an operator may choose; `load_settings` makes it.

    `database_url` is kept as given, and may hold a password: show it by `describe` only.
    """

    data_dir: Path = field(
        metadata=_from(
            "MODERATION_DATA_DIR",
            ".data",
            "folder of what the service keeps on this machine: the SQLite store, demo.json",
            read_new_folder,
        )
    )
    database_url: str = field(
        metadata=_from(
            "DATABASE_URL",
            "sqlite:///{MODERATION_DATA_DIR}/moderation.sqlite3",
            "the store: sqlite:///path or postgresql://user:password@host/database",
            read_store,
        )
    )
    redis_url: str = field(
        metadata=_from(
            "REDIS_URL",
            "",
            "a Redis or Valkey of your own: redis://…, rediss://… or unix://…; empty for the "
            "embedded one in the data folder",
            read_redis,
        )
    )
    host: str = field(
        metadata=_from(
            "MODERATION_HOST",
            "127.0.0.1",
            "address to listen on; 0.0.0.0 for every network (not in demo mode)",
            read_host,
        )
    )
    port: int = field(
        metadata=_from("PORT", "8000", "TCP port to listen on", read_number(1, 65_535))
    )
    demo: bool = field(
        metadata=_from(
            "MODERATION_DEMO",
            "0",
            "1 for demo mode: loopback only, demo tenants, /try without a login",
            read_switch,
        )
    )
    demo_now: datetime | None = field(
        metadata=_from(
            "MODERATION_DEMO_NOW",
            "",
            "time at which demo mode starts, past or future, such as 2026-11-22T08:00:00Z",
            read_time,
        )
    )
    model_dir: Path | None = field(
        metadata=_from(
            "MODERATION_MODEL_DIR",
            "",
            "folder of a model version to use in place of the shipped one",
            read_folder,
        )
    )
    wordlists_dir: Path | None = field(
        metadata=_from(
            "MODERATION_WORDLISTS_DIR",
            "",
            "folder of word lists to use in place of the shipped ones",
            read_folder,
        )
    )
    max_body_bytes: int = field(
        metadata=_from(
            "MODERATION_MAX_BODY_BYTES",
            str(8 * 1024 * 1024),
            "largest request body; a full batch of 100 Chinese texts takes 6,000,000",
            read_number(1_024, 1024**3),
        )
    )
    rate_limit: int = field(
        metadata=_from(
            "MODERATION_RATE_LIMIT",
            "0",
            "requests a second that a tenant may send before it gets 429; 0 for no limit",
            read_number(0, 1_000_000),
        )
    )
    join_window: str = field(
        metadata=_from(
            "MODERATION_JOIN_WINDOW",
            "process",
            "where messages of one conversation meet: in each `process`, or in `redis` where "
            "several processes hear the same conversations",
            read_choice("process", "redis"),
        )
    )
    stream_decisions: int = field(
        metadata=_from(
            "MODERATION_STREAM_DECISIONS",
            "50000",
            "results kept, roughly, in the stream moderation:decisions; older ones are trimmed",
            read_number(100, 100_000_000),
        )
    )
    stream_dead: int = field(
        metadata=_from(
            "MODERATION_STREAM_DEAD",
            "10000",
            "dead letters kept, roughly, in the stream moderation:dead; older ones are trimmed",
            read_number(100, 100_000_000),
        )
    )
    stream_claim_seconds: int = field(
        metadata=_from(
            "MODERATION_STREAM_CLAIM_SECONDS",
            "10",
            "seconds after which an entry that a consumer has not settled is another's to take",
            read_number(1, 3_600),
        )
    )
    host_webhook_url: str | None = field(
        repr=False,
        metadata=_from(
            "HOST_WEBHOOK_URL",
            "",
            "where the platform takes signed events; empty: demo mode has a host of its own, "
            "otherwise deliveries wait",
            read_webhook,
        ),
    )
    host_webhook_secret: str | None = field(
        repr=False,
        metadata=_from(
            "HOST_WEBHOOK_SECRET",
            "",
            "whsec_…: signs what is sent to HOST_WEBHOOK_URL (Standard Webhooks); demo mode "
            "makes one when it is empty",
            read_webhook_secret,
            secret=True,
        ),
    )
    audit_key: bytes | None = field(
        repr=False,
        metadata=_from(
            "MODERATION_AUDIT_KEY",
            "",
            "32 to 64 random bytes in Base64, the same for every process: seals the audit; one is "
            "made and kept in the data folder when it is empty",
            read_audit_key,
            secret=True,
        ),
    )
    host_attempts: int = field(
        metadata=_from(
            "MODERATION_HOST_ATTEMPTS",
            "12",
            "tries of a delivery to the host before it is a dead letter",
            read_number(1, 100),
        )
    )
    calendar_file: Path | None = field(
        metadata=_from(
            "MODERATION_CALENDAR_FILE",
            "",
            "TOML file of days off and make-up days, for years that the shipped calendar lacks or "
            "has wrong (docs/calendar.md)",
            read_file,
        )
    )
    calendar_reading: str = field(
        metadata=_from(
            "MODERATION_CALENDAR_READING",
            "wide",
            "what a statutory holiday in article 8.3 is: wide for every day that is not worked, "
            "narrow for the festivals alone",
            read_choice("wide", "narrow"),
        )
    )
    agreements_dir: Path | None = field(
        metadata=_from(
            "MODERATION_AGREEMENTS_DIR",
            "",
            "folder with versions of the agreement's wording, in place of or beside those shipped",
            read_folder,
        )
    )
    public_url: str = field(
        metadata=_from(
            "MODERATION_PUBLIC_URL",
            "",
            "address under which people reach this service, for links in notices; empty for "
            "http://MODERATION_HOST:PORT",
            read_public_url,
        )
    )
    notice_channels: tuple[str, ...] = field(
        metadata=_from(
            "MODERATION_NOTICE_CHANNELS",
            "system_message,in_app,email,sms,im",
            "channels of notices in the order of trying (also letter, by_hand); the account's own "
            "page always comes last",
            read_names,
        )
    )
    notice_patience_minutes: int = field(
        metadata=_from(
            "MODERATION_NOTICE_PATIENCE_MINUTES",
            "60",
            "minutes without a receipt after which a notice goes to the next channel",
            read_number(1, 100_000),
        )
    )
    files_dir: Path = field(
        metadata=_from(
            "MODERATION_FILES_DIR",
            "{MODERATION_DATA_DIR}/files",
            "folder of documents that accounts hand in; the same for every API process",
            read_new_folder,
        )
    )
    uploads_url: str = field(
        repr=False,
        metadata=_from(
            "MODERATION_UPLOADS_URL",
            "{MODERATION_DATA_DIR}/uploads",
            "where uploaded files lie until they are judged: a folder that the API and `scan` "
            "share, or s3://bucket/prefix (keys as AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, "
            "AWS_REGION)",
            read_objects,
        ),
    )
    uploads_endpoint: str | None = field(
        metadata=_from(
            "MODERATION_UPLOADS_ENDPOINT",
            "",
            "address of an S3 server other than Amazon's, such as https://objects.example",
            read_webhook,
        )
    )
    picture_classifier: str | None = field(
        metadata=_from(
            "MODERATION_PICTURE_CLASSIFIER",
            "",
            "command of your own that is given a picture's path and prints probabilities by label "
            "as a JSON object; it brings pictures before a person. None is shipped",
            read_command,
        )
    )
    max_upload_bytes: int = field(
        metadata=_from(
            "MODERATION_MAX_UPLOAD_BYTES",
            str(64 * 1024 * 1024),
            "largest file that is taken in",
            read_number(1, 5 * 1024**3),
        )
    )
    upload_quota_bytes: int = field(
        metadata=_from(
            "MODERATION_UPLOAD_QUOTA_BYTES",
            str(10 * 1024**3),
            "bytes that the files of one tenant may take up, waiting or kept; more get 429",
            read_number(1, 1024**5),
        )
    )
    scan_rules_dir: Path | None = field(
        metadata=_from(
            "MODERATION_SCAN_RULES_DIR",
            "",
            "folder of yara-x rules (*.yar) that uploads are matched against, beside those shipped",
            read_folder,
        )
    )
    clamd: str | None = field(
        metadata=_from(
            "MODERATION_CLAMD",
            "",
            "a clamd that looks at uploads too: unix:///path/to/socket or tcp://host:3310",
            read_clamd,
        )
    )
    smtp_url: str | None = field(
        repr=False,
        metadata=_from(
            "MODERATION_SMTP_URL",
            "",
            "mail server for notices: smtp://user:password@host:587 or smtps://…; empty: no mail",
            read_mail_server,
            secret=True,
        ),
    )
    mail_from: str = field(
        metadata=_from(
            "MODERATION_MAIL_FROM", "", "address that mail comes from", read_mail_address
        )
    )


@dataclass(frozen=True, slots=True)
class Line:
    """One setting as an operator sees it: passwords in `value` are masked."""

    variable: str
    default: str
    value: str
    meaning: str


def load_settings(environ: Mapping[str, str]) -> Settings:
    """The settings in `environ`; a variable that is missing or empty takes its default.

    Raises `SettingsError` for a value that is not allowed. The value is not repeated, since it
    may be a secret.
    """
    values: dict[str, Any] = {}
    for setting in fields(Settings):
        about = setting.metadata
        variable = about["variable"]
        given = environ.get(variable) or about["default"]
        given = given.replace("{MODERATION_DATA_DIR}", str(values.get("data_dir", "")))
        try:
            values[setting.name] = about["read"](given)
        except ValueError as error:
            raise SettingsError(f"{variable}: this value is not allowed. Use {error}.") from error
    settings = Settings(**values)
    if settings.host_webhook_url and not (settings.host_webhook_secret or settings.demo):
        raise SettingsError(
            "HOST_WEBHOOK_SECRET: missing. Events to HOST_WEBHOOK_URL are signed: use whsec_ and "
            "24 to 64 random bytes in Base64, and tell the platform."
        )
    if settings.smtp_url and not settings.mail_from:
        raise SettingsError("MODERATION_MAIL_FROM: missing. Mail needs an address to come from.")
    return settings


def describe(settings: Settings) -> Iterator[Line]:
    """Every setting with its variable, default, present value and meaning, in a fixed order."""
    for setting in fields(Settings):
        about = setting.metadata
        value = getattr(settings, setting.name)
        shown = "***" if about["secret"] and value else _show(value)
        yield Line(about["variable"], about["default"], shown, about["meaning"])


def unknown_variables(environ: Mapping[str, str]) -> list[str]:
    """Variables that look like settings of ours but are none: misspelt, most likely."""
    known = {setting.metadata["variable"] for setting in fields(Settings)}
    return sorted(v for v in environ if v.startswith("MODERATION_") and v not in known)


def _show(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, tuple):
        return ",".join(value)
    return _mask(value) if isinstance(value, str) else str(value)


def _mask(url: str) -> str:
    """An address without its options, and with stars for the password, if any."""
    kind, separator, rest = url.partition("://")
    if kind == "sqlite":
        return url
    rest, _, options = rest.partition("?")
    if "@" in options:  # a password with a bare ? or @ in it: nobody can say where it ends
        return f"{kind}{separator}***"
    login, at, place = rest.rpartition("@")
    user, colon, _ = login.partition(":")
    return f"{kind}{separator}{user}{':***' if colon else ''}{at}{place}"
