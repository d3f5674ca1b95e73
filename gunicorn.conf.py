"""How gunicorn serves the site, under `make run` and in production alike."""

from typing import Any

from config import Config

wsgi_app = "wsgi:app"
worker_class = "gthread"
workers = 2
threads = 4
# Longer than the 30 seconds a SQLite writer may wait for its turn.
timeout = 60
# It would be one fixed path for every gunicorn of this user.
control_socket_disable = True


def on_starting(server: Any) -> None:
    """Refuse bad settings once, here, rather than in every worker again and again."""
    Config.from_env()
