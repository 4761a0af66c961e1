"""Tenants and keys: secrets are shown once, and open what they were made for until revoked."""

from __future__ import annotations

from datetime import timedelta

import pytest
from fixtures.clocks import NOW
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import IntegrityError

from service.access import store
from service.access.flow import (
    KEY_LENGTH,
    authenticate,
    create_key,
    create_tenant,
    read_secret,
    revoke_key,
)
from service.access.model import (
    ApiKey,
    Scope,
    TenantExists,
    Unauthenticated,
    UnknownTenant,
    WrongAccess,
)


def make_key(conn: Connection, tenant: str = "acme", **more: object) -> tuple[ApiKey, str]:
    if store.find_tenant(conn, tenant) is None:
        create_tenant(conn, tenant, now=NOW)
    return create_key(conn, tenant, [Scope.MODERATE, Scope.READ], now=NOW, **more)  # type: ignore[arg-type]


def test_a_key_opens_its_tenant_with_its_scopes(store_engine: Engine) -> None:
    with store_engine.begin() as conn:
        key, secret = make_key(conn)
        principal, tenant = authenticate(conn, f"Bearer {secret}", now=NOW)
    assert len(secret) == KEY_LENGTH
    assert (principal.tenant_id, principal.key_id, principal.kind) == ("acme", key.id, "key")
    assert principal.scopes == {Scope.MODERATE, Scope.READ}
    assert (tenant.id, len(tenant.digest_key), tenant.allow_sample_rate) == ("acme", 32, 0.0)


def test_the_store_never_holds_a_secret(store_engine: Engine) -> None:
    with store_engine.begin() as conn:
        _, secret = make_key(conn)
        rows = conn.execute(text("SELECT * FROM api_keys")).fetchall()
    assert secret not in str(rows)


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        "Bearer mod_" + "A" * 43,
        "Bearer mod_" + "密" * 43,
        "Bearer \ud800",
        "Basic {secret}",
        "{secret}",
        "Bearer {secret}x",
        "Bearer x {secret}",
        "Bearer {secret} {secret}",
    ],
)
def test_any_other_header_is_refused_with_one_message(
    store_engine: Engine, header: str | None
) -> None:
    with store_engine.begin() as conn:
        _, secret = make_key(conn)
        given = None if header is None else header.replace("{secret}", secret)
        with pytest.raises(Unauthenticated) as caught:
            authenticate(conn, given, now=NOW)
    assert str(caught.value) == "send a valid key as Authorization: Bearer mod_…"


def test_the_word_bearer_may_be_written_in_any_case() -> None:
    secret = "mod_" + "A" * 43
    assert read_secret(f"bearer {secret}") == read_secret(f"BEARER   {secret}") == secret


def test_a_revoked_key_opens_nothing_and_keeps_the_time_of_its_end(store_engine: Engine) -> None:
    with store_engine.begin() as conn:
        key, secret = make_key(conn)
        assert revoke_key(conn, key.id, now=NOW)
        assert revoke_key(conn, key.id, now=NOW + timedelta(days=1))
        assert not revoke_key(conn, "another", now=NOW)
        assert [found.revoked_at for found in store.list_keys(conn)] == [NOW]
        with pytest.raises(Unauthenticated):
            authenticate(conn, f"Bearer {secret}", now=NOW)


def test_a_key_with_an_end_opens_until_then(store_engine: Engine) -> None:
    end = NOW + timedelta(days=1)
    with store_engine.begin() as conn:
        _, secret = make_key(conn, expires_at=end)
        authenticate(conn, f"Bearer {secret}", now=end - timedelta(microseconds=1))
        with pytest.raises(Unauthenticated):
            authenticate(conn, f"Bearer {secret}", now=end)


def test_keys_belong_to_tenants_that_exist_and_have_scopes(store_engine: Engine) -> None:
    with store_engine.begin() as conn:
        with pytest.raises(UnknownTenant, match="nobody"):
            create_key(conn, "nobody", [Scope.READ], now=NOW)
        create_tenant(conn, "acme", now=NOW)
        with pytest.raises(WrongAccess, match="moderate, read"):
            create_key(conn, "acme", [], now=NOW)
        make_key(conn)
    with pytest.raises(IntegrityError), store_engine.begin() as conn:
        conn.execute(text("DELETE FROM tenants WHERE id = 'acme'"))


def test_two_tenants_share_neither_id_nor_digest_key(store_engine: Engine) -> None:
    with store_engine.begin() as conn:
        one = create_tenant(conn, "one", now=NOW, name="一号", allow_sample_rate=0.01)
        two = create_tenant(conn, "two", now=NOW)
        assert one.digest_key != two.digest_key
        assert store.list_tenants(conn) == [one, two]
        with pytest.raises(TenantExists):
            create_tenant(conn, "one", now=NOW)


@pytest.mark.parametrize("tenant_id", ["", " ", "-a", "a b", "a\n", "a/b", "租户", "a" * 65, "a\0"])
def test_a_tenant_id_that_would_need_quoting_somewhere_is_refused(
    store_engine: Engine, tenant_id: str
) -> None:
    with store_engine.begin() as conn, pytest.raises(WrongAccess, match="1 to 64"):
        create_tenant(conn, tenant_id, now=NOW)


@pytest.mark.parametrize("wrong", [{"allow_sample_rate": 1.1}, {"allow_sample_ttl_days": 0}])
def test_a_sample_that_cannot_be_is_refused(store_engine: Engine, wrong: dict[str, int]) -> None:
    with store_engine.begin() as conn, pytest.raises(WrongAccess, match="allow_sample"):
        create_tenant(conn, "acme", now=NOW, **wrong)  # type: ignore[arg-type]
