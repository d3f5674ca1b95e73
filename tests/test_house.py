"""The rules of the house: each is seen to hold here, and seen to catch a breach built on purpose."""

import ast
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask

from tests.sources import ROOMS, Source, sources

HOUSE = Path(__file__).parent.parent
PAGES = ("views", "admin")
PURE = ("rules", "values", "errors")
COMMANDS = ("services", "checkout")
NEIGHBOURS = ("payments", "press", "mailer", "gateways")
LONGEST = 320


Rule = Callable[[Path], Iterator[str]]
RULES: list[Rule] = []
BREACHES: list[tuple[Rule, str, str]] = []


def broken_by(path: str, text: str) -> Callable[[Rule], Rule]:
    """Name a breach the rule must catch: a file with this text."""

    def keep(rule: Rule) -> Rule:
        if rule not in RULES:
            RULES.append(rule)
        BREACHES.append((rule, path, text))
        return rule

    return keep


@broken_by("cme/credits/services.py", "from cme.registration import views")
@broken_by("cme/registration/views.py", "from cme.accounts.forms import SignInForm")
@broken_by("cme/catalog/cards.py", "from ..accounts import admin")
def pages_and_forms_stay_in_their_room(root: Path) -> Iterator[str]:
    private = re.compile(rf"cme\.({'|'.join(ROOMS)})\.(views|admin|forms)\b")
    for source in sources(root):
        for line, name in source.imports():
            found = private.match(name)
            if source.room and found and found[1] != source.room:
                yield f"{source.path}:{line} opens the {found[2]} of {found[1]}"


@broken_by("cme/accounts/services.py", "from cme import create_app")
@broken_by("cme/mail.py", "from . import create_app")
def nothing_below_knows_the_roof(root: Path) -> Iterator[str]:
    for source in sources(root):
        for line, name in source.imports():
            top, _, rest = name.partition(".")
            below = root / "cme" / rest.split(".")[0]
            if top == "cme" and not source.is_roof and not (below.is_dir() or below.with_suffix(".py").exists()):
                yield f"{source.path}:{line} imports {rest} from the roof"


@broken_by("cme/credits/rules.py", "from sqlalchemy import select")
@broken_by("cme/credits/rules.py", "from cme.credits.models import Claim")
@broken_by("cme/values.py", "import flask")
def rules_values_and_errors_are_pure(root: Path) -> Iterator[str]:
    for source in sources(root):
        for line, name in source.imports() if source.part in PURE else ():
            parts = name.split(".")
            if parts[0] not in sys.stdlib_module_names and not (parts[0] == "cme" and set(PURE) & set(parts[1:3])):
                yield f"{source.path}:{line} imports {name}"


@broken_by("cme/registration/services.py", "from cme import gateways")
@broken_by("cme/registration/checkout.py", "def pay():\n    from cme.gateways import payments")
@broken_by("cme/mail.py", "import cme.gateways.mailer")
def only_pages_and_the_roof_touch_the_gateways(root: Path) -> Iterator[str]:
    for source in sources(root):
        may = source.is_roof or source.part == "gateways" or (source.room and source.part in PAGES)
        for line, name in source.imports():
            if not may and name.startswith("cme.gateways"):
                yield f"{source.path}:{line} imports {name}"


@broken_by("cme/credits/services.py", "now = datetime.now(UTC)")
@broken_by("cme/jobs.py", "today = datetime.date.today()")
@broken_by("cme/audit.py", "import time\nat = time.time()")
@broken_by("cme/queue.py", "from time import time")
@broken_by("cme/queue.py", "from sqlalchemy import func\ndue = func.now()")
def nobody_reads_the_clock_but_the_gateway(root: Path) -> Iterator[str]:
    clock = re.compile(
        r"\b(datetime|date|func)\.(now|utcnow|today|current_timestamp)$"
        r"|^time\.(time|time_ns|localtime|gmtime)$|CURRENT_TIMESTAMP"
    )
    for source in sources(root):
        if source.part != "gateways":
            for line, text in [*source.says(ast.Attribute, ast.Constant), *source.imports()]:
                if clock.search(text):
                    yield f"{source.path}:{line} reads the clock: {text}"


def transactions(source: Source) -> Iterator[ast.With]:
    """The blocks of a file in which it writes."""
    for node in source.nodes:
        if isinstance(node, ast.With) and any(
            re.fullmatch(r"(\w+\.)?transaction\(.*\)", ast.unparse(item.context_expr)) for item in node.items
        ):
            yield node


@broken_by("cme/credits/views.py", "with transaction():\n    claim()")
@broken_by("cme/registration/queries.py", "with database.transaction() as session:\n    claim()")
@broken_by("cme/mail.py", "with transaction():\n    claim()")
def only_commands_and_jobs_open_a_transaction(root: Path) -> Iterator[str]:
    for source in sources(root):
        may = source.part in COMMANDS if source.room else source.part in ("database", "demo", "jobs", "limits")
        for block in transactions(source) if not may else ():
            yield f"{source.path}:{block.lineno} opens a transaction"


@broken_by("cme/credits/services.py", "db.session.commit()")
@broken_by("cme/home/letters.py", "session = db.session\nsession.commit()")
def nobody_else_commits(root: Path) -> Iterator[str]:
    for source in sources(root):
        for line, text in source.says(ast.Attribute):
            # A savepoint may be kept or dropped; the transaction around it stays the command's.
            if re.search(r"(session|connection|engine)\b.*\.commit$", text) and source.part != "database":
                yield f"{source.path}:{line} commits by itself"


@broken_by("cme/registration/checkout.py", "with transaction():\n    payments.v1.refunds.create({})")
@broken_by("cme/jobs.py", "with transaction():\n    gateways.mailer().send(letter)")
def no_neighbour_is_called_inside_a_transaction(root: Path) -> Iterator[str]:
    for source in sources(root):
        for block in transactions(source):
            for node in (inner for statement in block.body for inner in ast.walk(statement)):
                called = ast.unparse(node.func).split(".") if isinstance(node, ast.Call) else [""]
                # gateways.clock() only looks at the time, here as there.
                if called[0] in NEIGHBOURS and called != ["gateways", "clock"]:
                    yield f"{source.path}:{node.lineno} talks to {called[0]} while the database waits"


@broken_by("cme/credits/services.py", "def claim(award, now): ...")
@broken_by("cme/registration/checkout.py", "def refund(payment, payments=None): ...")
def what_comes_from_outside_is_handed_in_by_name(root: Path) -> Iterator[str]:
    for source in sources(root):
        for node in source.nodes if source.part in COMMANDS and source.room else ():
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                loose = {arg.arg for arg in node.args.args} & {"now", "payments", "press"}
                if loose:
                    yield f"{source.path}:{node.lineno} {node.name} takes {', '.join(sorted(loose))} by place"


@broken_by("cme/settings.py", "import os\nname = os.environ['NAME']")
@broken_by("cme/catalog/views/seminars.py", "from os import getenv")
@broken_by("migrations/env.py", "import os\nurl = os.getenv('DATABASE_URL')")
@broken_by("wsgi.py", "import os\nos.environ.setdefault('CME_ENV', 'production')")
def only_config_reads_the_environment(root: Path) -> Iterator[str]:
    others = [Source(root, file) for file in (*root.glob("*.py"), *root.glob("migrations/**/*.py"))]
    for source in [*sources(root), *others]:
        for line, text in [*source.says(ast.Attribute), *source.imports()]:
            if re.match(r"os\.(environ|getenv)\b", text) and source.path != "config.py":
                yield f"{source.path}:{line} reads {text}"


@broken_by("cme/credits/utils.py", "")
@broken_by("cme/helpers/__init__.py", "")
def every_file_has_a_subject(root: Path) -> Iterator[str]:
    for source in sources(root):
        if {"utils", "helpers", "util", "helper", "common", "misc"} & set(source.steps):
            yield f"{source.path} says nothing about what is in it"


@broken_by("cme/catalog/models.py", "\n" * (LONGEST + 1))
def no_file_is_too_long_to_read(root: Path) -> Iterator[str]:
    for source in sources(root):
        lines = source.file.read_text().count("\n")
        if lines > LONGEST:
            yield f"{source.path} has {lines} lines; two files with better names would read more easily"


@broken_by("cme/catalog/views/seminars.py", "@bp.route('/seminars/<int:number>')\ndef show(): ...")
@broken_by("cme/registration/admin.py", "@bp.post('/admin/registrations/<registration_id>')\ndef mark(): ...")
@broken_by("cme/home/letters.py", "bp.add_url_rule('/letters/<string:id>')")
def addresses_never_show_a_primary_key(root: Path) -> Iterator[str]:
    key = re.compile(r"/<(int\b[^>]*|([^>]*:)?(\w+_)?id)>")
    for source in sources(root):
        for line, text in source.says(ast.Constant):
            # Staff read letters and jobs by their number; nobody else ever sees it.
            if key.search(text) and not re.search(r"/admin/(letters|jobs)/<int", text):
                yield f"{source.path}:{line} has a primary key in {text}"


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_house_keeps_its_rules(rule: Rule):
    assert list(rule(HOUSE)) == []


@pytest.mark.parametrize(("rule", "path", "text"), BREACHES, ids=lambda value: getattr(value, "__name__", None))
def test_a_breach_is_caught(tmp_path: Path, rule: Rule, path: str, text: str):
    planted = tmp_path / path
    planted.parent.mkdir(parents=True, exist_ok=True)
    planted.write_text(text)
    breaches = list(rule(tmp_path))
    assert breaches
    assert all(breach.startswith(path) for breach in breaches)


def contracts(folder: Path) -> str:
    """What import-linter finds about the contracts of pyproject.toml in one copy of the house."""
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as go; go()"]
    checked = subprocess.run(
        [*command, "--no-cache", "--no-logo"], cwd=folder, capture_output=True, text=True, check=False
    )
    return checked.stdout + checked.stderr


def test_the_import_contracts_are_kept():
    found = contracts(HOUSE)
    assert " 0 broken" in found, found


def test_a_breach_of_each_import_contract_is_caught(tmp_path: Path):
    planted = {
        "cme/accounts/services.py": "import cme.catalog.models",
        "cme/catalog/queries/extra.py": "import cme.credits.models",
        "cme/mail.py": "import cme.accounts.models",
        "cme/registration/models.py": "import cme.jobs",
        "cme/credits/rules.py": "import cme.credits.models",
        "cme/accounts/forms.py": "import cme.accounts.views",
        "cme/settings.py": "import config",
        "cme/home/admin.py": "import wsgi",
        "cme/cli.py": "import cme.sandbox.server",
        "cme/cupboard.py": "",
    }
    shutil.copytree(HOUSE / "cme", tmp_path / "cme", ignore=lambda _, names: [n for n in names if n == "static"])
    shutil.copy(HOUSE / "pyproject.toml", tmp_path)
    for path, line in planted.items():
        with (tmp_path / path).open("a") as file:
            file.write(f"\n{line}\n")
    found = contracts(tmp_path)
    assert " 0 kept, 4 broken" in found, found
    for path, line in planted.items():
        importer = path.removesuffix(".py").replace("/", ".")
        imported = line.removeprefix("import ")
        assert f"{importer} -> {imported}" in found if line else importer in found, (path, line, found)


def silent_views(app: Flask) -> list[str]:
    """The views that do not say who may open them; files under static are for everybody."""
    views = {rule.endpoint: app.view_functions[rule.endpoint] for rule in app.url_map.iter_rules()}
    return [name for name, view in views.items() if name != "static" and not getattr(view, "access", None)]


def test_every_view_says_who_may_open_it(app: Flask):
    assert silent_views(app) == []


def test_a_silent_view_is_caught():
    app = Flask(__name__)
    app.add_url_rule("/silent", "silent", lambda: "")
    assert silent_views(app) == ["silent"]


def test_a_view_cannot_say_two_words():
    from cme.access import learners_only, public

    with pytest.raises(TypeError, match="already says"):
        learners_only(public(lambda: ""))
