"""The settings: every safe combination starts, every other one is refused by name, and no message tells a secret."""

import json
import re
import stat
from datetime import UTC, datetime
from itertools import product
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)

import config
from cme.gateways.signing import draw_pair, issuer_of
from config import Config, Misconfigured, disk_type

SECRETS = {
    "none": "",
    "sandbox": "sk_test_sandboxq7Xw2",
    "test": "sk_test_q7Xw2",
    "restricted test": "rk_test_q7Xw2",
    "live": "sk_live_q7Xw2",
    "restricted live": "rk_live_q7Xw2",
    "nonsense": "q7Xw2",
}
BASES = {
    "none": "",
    "loopback": "http://127.0.0.1:4242",
    "loopback6": "http://[::1]:4242",
    "https loopback": "https://127.0.0.1:4242",
    "elsewhere": "http://stripe.example.org",
    "lookalike": "http://127.0.0.1.example.org",
    "with a user": "http://127.0.0.1@example.org",
}
ADDRESSES = {"http": "http://127.0.0.1:5000", "https": "https://cme.example.org"}
KEY, CERTIFICATE = draw_pair(now=datetime(2027, 3, 1, tzinfo=UTC))
POSTGRESQL = "postgresql://cme:pa55word@db.example.org/cme"


@pytest.fixture
def settings(tmp_path):
    """Build an environment from harmless settings and what the test changes; None leaves one out."""

    def build(**changed: str | None) -> dict[str, str]:
        given = {
            "CME_ENV": "production",
            "SECRET_KEY": "0123456789abcdef" * 4,
            "DATABASE_URL": POSTGRESQL,
            "PUBLIC_URL": ADDRESSES["https"],
            "PAYMENTS_MODE": "off",
            "MAIL_URL": "outbox:",
            "SIGNING_KEY": KEY,
            "SIGNING_CERTIFICATE": CERTIFICATE,
        } | changed
        return {name: value for name, value in given.items() if value is not None}

    return build


@pytest.fixture
def read(settings, tmp_path):
    """Read a Config from harmless settings and what the test changes."""
    return lambda **changed: Config.from_env(settings(**changed), instance=tmp_path / "instance")


def live(**changed: str | None) -> dict[str, str | None]:
    """The settings that take real money."""
    return {
        "PAYMENTS_MODE": "live",
        "STRIPE_SECRET_KEY": SECRETS["live"],
        "STRIPE_WEBHOOK_SECRETS": "whsec_q7Xw2",
    } | changed


def refusal(read, **changed: str | None) -> str:
    """What the refused process says, which never holds a secret it was given."""
    with pytest.raises(SystemExit) as ended:
        read(**changed)
    said = str(ended.value)
    assert not re.search("q7Xw2|pa55word|0123456789abcdef", said)
    return said


def refused(environ: dict[str, str], instance: Path) -> str | None:
    """What the process says when it refuses these settings; None when it starts."""
    try:
        Config.from_env(environ, instance)
    except Misconfigured as refusal:
        return str(refusal)
    return None


def is_safe(env: str, mode: str, key: str, base: str, secret: bool, address: str) -> bool:
    """Whether the table of modes lets a combination stand; written apart from the code it checks."""
    deployed = env in ("staging", "production")
    if deployed and address == "http":
        return False
    if mode == "off":
        return (key, base, secret) == ("none", "none", False)
    if mode == "sandbox":
        return not deployed and key == "sandbox" and base.startswith("loopback") and secret
    stripe_itself = base == "none" and secret
    if mode == "test":
        return env != "production" and key in ("test", "restricted test") and stripe_itself
    return deployed and key in ("live", "restricted live") and stripe_itself


def test_only_the_safe_combinations_of_mode_key_address_and_secret_start(settings, tmp_path):
    envs, modes = ("test", "staging", "production"), ("off", "sandbox", "test", "live")
    for case in product(envs, modes, SECRETS, BASES, (True, False), ADDRESSES):
        env, mode, key, base, secret, address = case
        given = settings(
            CME_ENV=env,
            PAYMENTS_MODE=mode,
            STRIPE_SECRET_KEY=SECRETS[key],
            STRIPE_API_BASE=BASES[base],
            STRIPE_WEBHOOK_SECRETS="whsec_q7Xw2" if secret else "",
            PUBLIC_URL=ADDRESSES[address],
        )
        said = refused(given, tmp_path)
        assert is_safe(*case) == (said is None), f"{case}: {said}"
        assert said is None or re.match("(PAYMENTS_MODE|STRIPE_[A-Z_]+|PUBLIC_URL): .+[.]$", said), case
        assert "q7Xw2" not in (said or ""), case


@pytest.mark.parametrize(
    ("setting", "changed"),
    [
        ("PAYMENTS_MODE", {"PAYMENTS_MODE": "sandbox", "STRIPE_API_BASE": BASES["loopback"]}),
        ("PAYMENTS_MODE", {"PAYMENTS_MODE": "test", "STRIPE_SECRET_KEY": SECRETS["test"]}),
        ("PAYMENTS_MODE", live(CME_ENV="test")),
        ("PAYMENTS_MODE", {"PAYMENTS_MODE": "Live"}),
        ("STRIPE_SECRET_KEY", {"STRIPE_SECRET_KEY": SECRETS["live"]}),
        ("STRIPE_SECRET_KEY", live(STRIPE_SECRET_KEY=SECRETS["test"])),
        ("STRIPE_SECRET_KEY", live(STRIPE_SECRET_KEY=None)),
        ("STRIPE_SECRET_KEY", live(CME_ENV="staging", PAYMENTS_MODE="test", STRIPE_SECRET_KEY=SECRETS["sandbox"])),
        ("STRIPE_API_BASE", live(STRIPE_API_BASE="https://api.stripe.com")),
        ("STRIPE_API_BASE", live(STRIPE_API_BASE=BASES["loopback"])),
        ("STRIPE_WEBHOOK_SECRETS", live(STRIPE_WEBHOOK_SECRETS=" , ")),
        ("STRIPE_WEBHOOK_SECRETS", live(STRIPE_WEBHOOK_SECRETS="whsec_q7Xw2,sk_live_q7Xw2")),
        ("PUBLIC_URL", live(PUBLIC_URL="http://cme.example.org")),
        ("FLASK_DEBUG", live(FLASK_DEBUG="1")),
        ("CME_ENV", {"CME_ENV": "prod"}),
        ("SECRET_KEY", {"SECRET_KEY": "q7Xw2"}),
        ("SECRET_KEY", {"SECRET_KEY_FALLBACKS": "q7Xw2"}),
        ("DATABASE_URL", {"DATABASE_URL": "mysql://cme:pa55word@db.example.org/cme"}),
        ("DATABASE_URL", {"DATABASE_URL": "sqlite:///:memory:"}),
        ("DATABASE_URL", {"DATABASE_URL": "sqlite:///"}),
        ("DATABASE_URL", live(DATABASE_URL="sqlite:////nowhere/at/all/cme.db")),
        ("MAIL_URL", {"MAIL_URL": "post.example.org"}),
        ("MAIL_URL", {"MAIL_URL": "smtp://"}),
        ("PUBLIC_URL", {"PUBLIC_URL": "cme.example.org"}),
        ("PUBLIC_URL", {"PUBLIC_URL": "ftp://cme.example.org"}),
        ("PUBLIC_URL", {"PUBLIC_URL": "https://cme.example.org/seminars"}),
        ("PUBLIC_URL", {"PUBLIC_URL": "https://user@cme.example.org"}),
        ("PUBLIC_URL", {"PUBLIC_URL": "https://cme.example.org:many"}),
        ("PUBLIC_URL", {"CME_ENV": "test", "PUBLIC_URL": "http://cme.example.org"}),
        ("PUBLIC_URL", {"CME_ENV": "test", "PUBLIC_URL": "http://127.0.0.1.example.org"}),
    ],
)
def test_a_refusal_names_the_setting_and_tells_no_secret(read, setting, changed):
    assert refusal(read, **changed).startswith(f"{setting}: ")


@pytest.mark.parametrize("env", ["test", "staging", "production"])
@pytest.mark.parametrize("setting", ["SECRET_KEY", "DATABASE_URL", "PUBLIC_URL", "PAYMENTS_MODE", "MAIL_URL"])
@pytest.mark.parametrize("left_out", [None, "", "  "])
def test_outside_development_nothing_may_be_left_out(read, env, setting, left_out):
    assert refusal(read, CME_ENV=env, **{setting: left_out}).startswith(f"{setting}: is missing; write ")


def test_the_sandbox_runs_on_both_loopback_addresses_in_test(read):
    for base in ("http://127.0.0.1:4242", "http://[::1]:4242"):
        chosen = read(
            CME_ENV="test",
            PAYMENTS_MODE="sandbox",
            STRIPE_SECRET_KEY=SECRETS["sandbox"],
            STRIPE_API_BASE=base + "/",
            STRIPE_WEBHOOK_SECRETS="whsec_old, whsec_new",
        )
        assert chosen.stripe_api_base == base
        assert chosen.stripe_webhook_secrets == ("whsec_old", "whsec_new")


def test_real_money_may_lie_in_a_durable_file(read, tmp_path):
    chosen = read(**live(DATABASE_URL=f"sqlite:///{tmp_path}/cme.db"))
    assert chosen.sqlite_file == tmp_path / "cme.db"


def test_real_money_may_not_lie_on_a_network_disk(read, tmp_path, monkeypatch):
    monkeypatch.setattr("config.disk_type", lambda path: "nfs4")
    assert "network disk" in refusal(read, **live(DATABASE_URL=f"sqlite:///{tmp_path}/cme.db"))


def test_the_disk_of_a_path_is_that_of_its_nearest_mount(tmp_path):
    mounts = tmp_path / "mounts"
    mounts.write_text("disk / ext4 rw 0 0\nserver:/data /srv/shared nfs4 rw 0 0\nmemory /srv tmpfs rw 0 0\n")
    assert disk_type(Path("/var/lib/cme.db"), mounts) == "ext4"
    assert disk_type(Path("/srv/shared/cme.db"), mounts) == "nfs4"
    assert disk_type(Path("/srv/shared/cme.db"), tmp_path / "no mounts here") == ""


def test_a_file_that_cannot_keep_a_write_ahead_log_is_refused(read, tmp_path):
    (tmp_path / "cme.db").write_bytes(b"no database, but some forty bytes of text.")
    assert refusal(read, **live(DATABASE_URL=f"sqlite:///{tmp_path}/cme.db")).startswith("DATABASE_URL: ")


def test_a_postgresql_address_gets_its_driver(read):
    for scheme in ("postgres", "postgresql", "postgresql+psycopg"):
        chosen = read(DATABASE_URL=POSTGRESQL.replace("postgresql", scheme))
        assert chosen.database_url == "postgresql+psycopg://cme:pa55word@db.example.org/cme"


def test_a_config_shows_no_secret_when_printed(read):
    shown = repr(read(**live(MAIL_URL="smtp://cme:pa55word@mail.example.org:587")))
    assert "https://cme.example.org" in shown
    assert not re.search("pa55word|q7Xw2|0123456789", shown)


def test_development_needs_no_setting_and_keeps_what_it_chose(tmp_path):
    first, second = (Config.from_env({}, tmp_path / "instance") for _ in range(2))
    assert first == second
    assert (first.env, first.payments_mode, first.mail_url) == ("development", "sandbox", "outbox:")
    assert first.public_url == "http://127.0.0.1:5000"
    assert first.database_url == f"sqlite:///{tmp_path}/instance/cme.db"
    assert first.stripe_secret_key.startswith("sk_test_sandbox")
    assert stat.S_IMODE((tmp_path / "instance" / "secrets.json").stat().st_mode) == 0o600
    assert Config.from_env({}, tmp_path / "another").secret_key != first.secret_key


def test_development_finds_the_site_that_is_running(tmp_path):
    running = {"public_url": "http://127.0.0.1:5007", "stripe_api_base": "http://127.0.0.1:40123"}
    (tmp_path / "running.json").write_text(json.dumps(running))
    chosen = Config.from_env({}, tmp_path)
    assert (chosen.public_url, chosen.stripe_api_base) == tuple(running.values())


def test_in_development_a_setting_given_wins_over_the_one_kept(tmp_path):
    chosen = Config.from_env({"PAYMENTS_MODE": "off", "MAIL_URL": "smtp://localhost:2525"}, tmp_path)
    assert (chosen.payments_mode, chosen.stripe_secret_key, chosen.mail_url) == ("off", "", "smtp://localhost:2525")


def test_a_real_key_in_development_is_refused_beside_the_sandbox(tmp_path):
    with pytest.raises(Misconfigured, match=r"^STRIPE_SECRET_KEY: "):
        Config.from_env({"STRIPE_SECRET_KEY": SECRETS["live"]}, tmp_path)


def test_an_installation_is_known_by_its_address_and_not_by_its_secrets(read):
    one, same, other = read(), read(SECRET_KEY="f" * 64), read(PUBLIC_URL="https://other.example.org")
    assert one.installation == same.installation != other.installation


def test_cookies_insist_on_https_where_there_is_https(read):
    secure, plain = read().flask_settings(), read(CME_ENV="test", PUBLIC_URL=ADDRESSES["http"]).flask_settings()
    assert (secure["SESSION_COOKIE_NAME"], secure["SESSION_COOKIE_SECURE"]) == ("__Host-session", True)
    assert (plain["SESSION_COOKIE_NAME"], plain["SESSION_COOKIE_SECURE"]) == ("session", False)
    for settings in (secure, plain):
        assert (settings["SESSION_COOKIE_HTTPONLY"], settings["SESSION_COOKIE_SAMESITE"]) == (True, "Lax")


def test_only_our_own_host_is_trusted(read):
    assert read().flask_settings()["TRUSTED_HOSTS"] == ["cme.example.org"]
    here = read(CME_ENV="test", PUBLIC_URL=ADDRESSES["http"]).flask_settings()
    assert set(here["TRUSTED_HOSTS"]) == {"localhost", "127.0.0.1"}


def test_the_settings_of_a_test_are_checked_like_all_others(tmp_path):
    assert config.Testing(database_url=f"sqlite:///{tmp_path}/test.db").env == "test"
    with pytest.raises(Misconfigured, match=r"^STRIPE_SECRET_KEY: "):
        config.Testing(database_url="sqlite:///:memory:", payments_mode="sandbox", stripe_secret_key=SECRETS["live"])


def written(key, encryption=None) -> str:
    """A private key as PEM."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption or NoEncryption()).decode()


@pytest.mark.parametrize("env", ["staging", "production"])
@pytest.mark.parametrize("setting", ["SIGNING_KEY", "SIGNING_CERTIFICATE"])
def test_what_must_last_is_signed_with_a_key_of_ones_own(read, env, setting):
    assert refusal(read, CME_ENV=env, **{setting: None}).startswith(f"{setting}: is missing; write ")


@pytest.mark.parametrize(
    "key",
    [
        "-----BEGIN PRIVATE KEY-----\nq7Xw2\n-----END PRIVATE KEY-----",
        written(ec.generate_private_key(ec.SECP256R1())),  # of another certificate
        written(ec.generate_private_key(ec.SECP384R1())),
        written(rsa.generate_private_key(public_exponent=65537, key_size=2048)),
        written(ec.generate_private_key(ec.SECP256R1()), BestAvailableEncryption(b"q7Xw2")),
        CERTIFICATE,
    ],
    ids=["garbled", "of another", "another curve", "rsa", "locked", "no key"],
)
def test_a_key_that_cannot_sign_is_refused(read, key):
    assert refusal(read, SIGNING_KEY=key).startswith("SIGNING_KEY: write a P-256 key without a password")


def test_a_key_of_another_kind_is_refused_even_with_its_own_certificate(read):
    other = draw_pair(now=datetime(2027, 3, 1, tzinfo=UTC), curve=ec.SECP384R1())
    said = refusal(read, SIGNING_KEY=other[0], SIGNING_CERTIFICATE=other[1])
    assert said.startswith("SIGNING_KEY: write a P-256 key")


def test_a_key_may_lie_in_a_file_or_stand_on_one_line(read, tmp_path):
    (tmp_path / "key.pem").write_text(KEY)
    filed = read(SIGNING_KEY=str(tmp_path / "key.pem"))
    assert filed.signing_key == read(SIGNING_KEY=KEY.replace("\n", "\\n")).signing_key == KEY
    assert issuer_of(filed).certificate_pem == CERTIFICATE.strip()
    assert not issuer_of(filed).is_demo


def test_a_file_that_cannot_be_read_is_refused(read, tmp_path):
    (tmp_path / "key.der").write_bytes(b"\xff\xfe\x00")
    for path in (tmp_path / "none.pem", tmp_path, tmp_path / "key.der"):
        assert refusal(read, SIGNING_KEY=str(path)).startswith("SIGNING_KEY: cannot be read; write ")


def test_development_draws_a_key_once_and_keeps_it_to_itself(tmp_path):
    first, second = (issuer_of(Config.from_env({}, tmp_path)) for _ in range(2))
    assert first.key_id == second.key_id
    assert first.is_demo
    assert stat.S_IMODE((tmp_path / "signing.pem").stat().st_mode) == 0o600
    assert list(tmp_path.glob("signing.*")) == [tmp_path / "signing.pem"]
