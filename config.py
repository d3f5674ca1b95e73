"""The settings: read once from the environment, checked together, refused by name when they cannot stand."""

import hashlib
import json
import os
import re
import secrets
import sqlite3
from collections.abc import Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn, Self
from urllib.parse import urlsplit

HOME = Path(__file__).resolve().parent
INSTANCE = HOME / "instance"

ENVIRONMENTS = ("development", "test", "staging", "production")
MODES = ("off", "sandbox", "test", "live")
KEYS = {
    "sandbox": (r"sk_test_sandbox\w+", "sk_test_sandbox followed by random letters and digits"),
    "test": (r"[sr]k_test_(?!sandbox)\w+", "a key of Stripe's test mode, which begins with sk_test_ or rk_test_"),
    "live": (r"[sr]k_live_\w+", "a key of Stripe's live mode, which begins with sk_live_ or rk_live_"),
}
NETWORK_DISKS = ("nfs", "cifs", "smb", "9p", "fuse.sshfs", "glusterfs", "ceph", "afs")


class Misconfigured(SystemExit):
    """A setting that cannot stand: the process ends with its name and what to write, never with its value."""

    def __init__(self, setting: str, remedy: str) -> None:
        super().__init__(f"{setting}: {remedy}")
        self.setting = setting


def refuse(setting: str, remedy: str) -> NoReturn:
    """End the process, naming the setting and what to write."""
    raise Misconfigured(setting, remedy)


@dataclass(frozen=True, kw_only=True)
class Config:
    """Everything the application is told from outside; a Config that exists is a safe combination."""

    env: str
    secret_key: str = field(repr=False)
    secret_key_fallbacks: tuple[str, ...] = field(default=(), repr=False)
    database_url: str = field(repr=False)
    public_url: str
    payments_mode: str
    stripe_secret_key: str = field(default="", repr=False)
    stripe_api_base: str = ""
    stripe_webhook_secrets: tuple[str, ...] = field(default=(), repr=False)
    mail_url: str = field(repr=False)
    signing_key: str = field(default="", repr=False)
    signing_certificate: str = field(default="", repr=False)
    demo_keys: Path | None = None  # where development keeps a key of its own
    installation: str
    debug: bool = False

    def __post_init__(self) -> None:
        check_basics(self)
        check_payments(self)
        check_signing(self)

    @classmethod
    def from_env(cls, environ: Mapping[str, str] = os.environ, instance: Path = INSTANCE) -> Self:
        """Read the settings, in development with what `instance/` keeps for those left out."""
        given = {name: value.strip() for name, value in environ.items() if value.strip()}
        env = given.get("CME_ENV", "development")
        if env == "development":
            given = development_settings(given, instance) | given

        def setting(name: str, remedy: str) -> str:
            return given.get(name) or refuse(name, f"is missing; write {remedy}.")

        public_url = setting("PUBLIC_URL", "the address people type, like https://cme.example.org").rstrip("/")
        return cls(
            env=env,
            secret_key=setting("SECRET_KEY", "at least 32 random characters"),
            secret_key_fallbacks=listed(given.get("SECRET_KEY_FALLBACKS", "")),
            database_url=completed(setting("DATABASE_URL", "sqlite:////var/lib/cme/cme.db or postgresql://…")),
            public_url=public_url,
            payments_mode=setting("PAYMENTS_MODE", "off, sandbox, test or live"),
            stripe_secret_key=given.get("STRIPE_SECRET_KEY", ""),
            stripe_api_base=given.get("STRIPE_API_BASE", "").rstrip("/"),
            stripe_webhook_secrets=listed(given.get("STRIPE_WEBHOOK_SECRETS", "")),
            mail_url=setting("MAIL_URL", "smtp://user:password@host:587, or outbox: to keep letters for staff to read"),
            signing_key=pem("SIGNING_KEY", given.get("SIGNING_KEY", "")),
            signing_certificate=pem("SIGNING_CERTIFICATE", given.get("SIGNING_CERTIFICATE", "")),
            demo_keys=instance if env == "development" else None,
            installation=given.get("INSTALLATION") or hashlib.sha256(public_url.encode()).hexdigest()[:12],
            debug=given.get("FLASK_DEBUG", "0").lower() not in ("0", "false", "no"),
        )

    @property
    def is_https(self) -> bool:
        """Whether people reach us over https, so that cookies can insist on it."""
        return self.public_url.startswith("https://")

    @property
    def is_deployed(self) -> bool:
        """Whether strangers depend on this installation; a proxy then speaks https for it."""
        return self.env in ("staging", "production")

    @property
    def sqlite_file(self) -> Path | None:
        """The file of a SQLite database; none for PostgreSQL, and none in memory."""
        path = self.database_url.partition("sqlite:///")[2].partition("?")[0]
        return Path(path) if path not in ("", ":memory:") else None

    def flask_settings(self) -> dict[str, Any]:
        """The settings as Flask and its extensions spell them."""
        public = urlsplit(self.public_url)
        neighbours = [] if self.is_deployed else ["localhost", "127.0.0.1"]
        return {
            "SECRET_KEY": self.secret_key,
            "SECRET_KEY_FALLBACKS": list(self.secret_key_fallbacks),
            "SQLALCHEMY_DATABASE_URI": self.database_url,
            "PUBLIC_URL": self.public_url,
            "PREFERRED_URL_SCHEME": public.scheme,
            "TRUSTED_HOSTS": [public.hostname, *neighbours],
            "MAX_CONTENT_LENGTH": 1024 * 1024,
            "MAX_FORM_PARTS": 500,
            # A browser takes a __Host- cookie over https only, from this host only.
            "SESSION_COOKIE_NAME": "__Host-session" if self.is_https else "session",
            "SESSION_COOKIE_SECURE": self.is_https,
            "SESSION_COOKIE_HTTPONLY": True,
            "SESSION_COOKIE_SAMESITE": "Lax",
            # Sent once, at sign-in: a cookie that came with every answer would come with files that caches keep.
            "SESSION_REFRESH_EACH_REQUEST": False,
            "WTF_CSRF_TIME_LIMIT": None,
            "TEMPLATES_AUTO_RELOAD": False,
            "TESTING": self.env == "test",
        }


@dataclass(frozen=True, kw_only=True)
class Testing(Config):
    """The settings of a test: a database, and everything else harmless."""

    env: str = "test"
    secret_key: str = field(default_factory=secrets.token_hex, repr=False)
    public_url: str = "http://localhost"
    payments_mode: str = "off"
    mail_url: str = field(default="outbox:", repr=False)
    installation: str = "testing"


def check_basics(config: Config) -> None:
    """Refuse an installation that could not keep its people's secrets or its own rows."""
    if config.env not in ENVIRONMENTS:
        refuse("CME_ENV", f"write one of {', '.join(ENVIRONMENTS)}.")
    if any(len(key) < 32 for key in (config.secret_key, *config.secret_key_fallbacks)):
        refuse("SECRET_KEY", "is too short to keep a secret; write at least 32 random characters, fallbacks too.")
    if not re.match(r"sqlite:///|postgresql\+psycopg://", config.database_url):
        refuse("DATABASE_URL", "write sqlite:////var/lib/cme/cme.db or postgresql://user:password@host/name.")
    if config.is_deployed and config.database_url.startswith("sqlite") and not config.sqlite_file:
        refuse("DATABASE_URL", "a database in memory forgets everything; write a file or a PostgreSQL address.")
    if not re.match(r"smtps?://[^/\s]+|outbox:$", config.mail_url):
        refuse("MAIL_URL", "write smtp://user:password@host:587, or outbox: to keep letters for staff to read.")
    if config.is_deployed and config.debug:
        refuse("FLASK_DEBUG", f"leave it out in {config.env}; the debugger runs anybody's code.")
    check_public_url(config)


def check_public_url(config: Config) -> None:
    """Refuse an address that is not one host's own, or that would send secrets in the clear."""
    address = re.fullmatch(r"https?://([\w.-]+|\[[\da-f:]+\])(:\d{1,5})?", config.public_url, re.ASCII)
    if not address:
        refuse("PUBLIC_URL", "write scheme and host, like https://cme.example.org, without a path.")
    if not config.is_https and (config.is_deployed or address[1] not in ("localhost", "127.0.0.1", "[::1]")):
        refuse("PUBLIC_URL", "write an address that begins with https://; plain http is for this machine alone.")


def check_payments(config: Config) -> None:
    """Refuse every combination of mode, key, address and secret in which money could go astray."""
    mode = config.payments_mode
    if mode not in MODES:
        refuse("PAYMENTS_MODE", f"write one of {', '.join(MODES)}.")
    if mode == "sandbox" and config.is_deployed:
        refuse("PAYMENTS_MODE", f"the sandbox is a demo and refused in {config.env}; write off, test or live.")
    if mode == "test" and config.env == "production":
        refuse("PAYMENTS_MODE", "Stripe's test mode takes no money and is refused in production; write off or live.")
    if mode == "live" and not config.is_deployed:
        refuse("PAYMENTS_MODE", f"real money is refused in {config.env}; write off, sandbox or test.")
    if mode == "off":
        for name in ("STRIPE_SECRET_KEY", "STRIPE_API_BASE", "STRIPE_WEBHOOK_SECRETS"):
            if getattr(config, name.lower()):
                refuse(name, "leave it out while PAYMENTS_MODE is off, or write the mode it belongs to.")
        return
    pattern, words = KEYS[mode]
    if not re.fullmatch(pattern, config.stripe_secret_key):
        refuse("STRIPE_SECRET_KEY", f"PAYMENTS_MODE {mode} needs {words}.")
    check_stripe_address(config)
    if not config.stripe_webhook_secrets:
        refuse("STRIPE_WEBHOOK_SECRETS", "is missing; write the signing secret of the webhook, or several with commas.")
    if not all(re.fullmatch(r"whsec_\S+", secret) for secret in config.stripe_webhook_secrets):
        refuse("STRIPE_WEBHOOK_SECRETS", "each signing secret begins with whsec_; write them with commas between.")
    if mode == "live" and config.sqlite_file:
        prove_durable(config.sqlite_file)


def check_stripe_address(config: Config) -> None:
    """Let only the sandbox answer in Stripe's place, and only on this machine."""
    is_sandbox = config.payments_mode == "sandbox"
    if config.stripe_api_base and not is_sandbox:
        refuse("STRIPE_API_BASE", f"leave it out in mode {config.payments_mode}; only the sandbox has its own.")
    if is_sandbox and not re.fullmatch(r"http://(127\.0\.0\.1|\[::1\])(:\d{1,5})?", config.stripe_api_base):
        refuse("STRIPE_API_BASE", "write the sandbox's address, http://127.0.0.1:PORT or http://[::1]:PORT.")


def prove_durable(database: Path) -> None:
    """Refuse a SQLite file that could lose a paid registration when the power goes."""
    try:
        with closing(sqlite3.connect(database, timeout=30)) as connection:
            journal = connection.execute("PRAGMA journal_mode=WAL").fetchone()[0]
            connection.execute("PRAGMA synchronous=FULL")
            synchronous = connection.execute("PRAGMA synchronous").fetchone()[0]
    except sqlite3.Error:
        refuse("DATABASE_URL", "the SQLite file cannot be opened; write a file in a folder this user may write to.")
    if (journal, synchronous) != ("wal", 2):
        refuse("DATABASE_URL", "SQLite cannot keep a write-ahead log there; write a file on a local disk.")
    if disk_type(database).startswith(NETWORK_DISKS):
        refuse("DATABASE_URL", "real money on a network disk is refused; write a file on a local disk, or PostgreSQL.")


def pem(setting: str, given: str) -> str:
    """A key or certificate as PEM: written into the setting itself, or into the file it names."""
    try:
        return Path(given).read_text() if given and "-----BEGIN " not in given else given.replace("\\n", "\n")
    except (OSError, ValueError):
        refuse(setting, "cannot be read; write the path of a PEM file that this user may read.")


def check_signing(config: Config) -> None:
    """Refuse a key that nobody could verify certificates with, or none where certificates must last."""
    for name in ("SIGNING_KEY", "SIGNING_CERTIFICATE"):
        if not getattr(config, name.lower()) and (config.is_deployed or config.signing_key):
            refuse(name, "is missing; write the path of a PEM file, made as docs/deploy.md says.")
    if config.signing_key:
        from cryptography import x509
        from cryptography.hazmat.primitives.serialization import load_pem_private_key

        with suppress(AttributeError, TypeError, ValueError):
            key: Any = load_pem_private_key(config.signing_key.encode(), password=None)
            certificate = x509.load_pem_x509_certificate(config.signing_certificate.encode())
            if key.public_key() == certificate.public_key() and key.curve.name == "secp256r1":
                return
        refuse("SIGNING_KEY", "write a P-256 key without a password and, in SIGNING_CERTIFICATE, what was made for it.")


def disk_type(path: Path, mounts: Path = Path("/proc/mounts")) -> str:
    """The kind of file system that holds a path, as far as this machine tells."""
    if not mounts.exists():
        return ""
    points = [line.split()[1:3] for line in mounts.read_text().splitlines()]
    holding = [point for point in points if path.resolve().is_relative_to(point[0])]
    return max(holding, key=lambda point: len(point[0]), default=["", ""])[1]


def development_settings(given: Mapping[str, str], instance: Path) -> dict[str, str]:
    """What a developer need not write: kept in `instance/`, the same for `make run` and every `flask` command."""
    kept = kept_secrets(instance)
    running = read_json(instance / "running.json")
    settings = {
        "SECRET_KEY": kept["secret_key"],
        "DATABASE_URL": f"sqlite:///{instance / 'cme.db'}",
        "PUBLIC_URL": running.get("public_url", "http://127.0.0.1:5000"),
        "PAYMENTS_MODE": "sandbox",
        "MAIL_URL": "outbox:",
        "INSTALLATION": kept["installation"],
    }
    if given.get("PAYMENTS_MODE", "sandbox") == "sandbox":
        settings |= {
            "STRIPE_SECRET_KEY": kept["stripe_secret_key"],
            "STRIPE_API_BASE": running.get("stripe_api_base", "http://127.0.0.1:5099"),
            "STRIPE_WEBHOOK_SECRETS": kept["stripe_webhook_secret"],
        }
    return settings


def kept_secrets(instance: Path) -> dict[str, str]:
    """The secrets of this installation, drawn on the first start and readable by their owner only."""
    file = instance / "secrets.json"
    if not file.exists():
        instance.mkdir(parents=True, exist_ok=True)
        fresh = {
            "secret_key": secrets.token_hex(32),
            "stripe_secret_key": f"sk_test_sandbox{secrets.token_hex(12)}",
            "stripe_webhook_secret": f"whsec_{secrets.token_hex(16)}",
            "installation": secrets.token_hex(6),
        }
        draft = file.with_suffix(f".{fresh['installation']}")
        draft.touch(mode=0o600)
        draft.write_text(json.dumps(fresh, indent=2))
        # A link is made whole or not at all, so two first starts at once agree on one set of secrets.
        with suppress(FileExistsError):
            os.link(draft, file)
        draft.unlink()
    return read_json(file)


def read_json(file: Path) -> dict[str, str]:
    """The settings a file keeps, none where there is no file."""
    return dict(json.loads(file.read_text())) if file.exists() else {}


def completed(database_url: str) -> str:
    """A database address in full: with the driver people leave out, and a file every process finds."""
    scheme, _, path = database_url.partition(":///")
    if scheme == "sqlite" and path not in ("", ":memory:"):
        return f"sqlite:///{HOME / path}"
    return re.sub(r"^postgres(ql)?://", "postgresql+psycopg://", database_url)


def listed(text: str) -> tuple[str, ...]:
    """The entries of a comma list, blanks left out."""
    return tuple(entry.strip() for entry in text.split(",") if entry.strip())
