"""Facts about all templates and stylesheets, read as text: nothing runs inline, and what they name exists."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from jinja2 import Environment, nodes
from markupsafe import Markup
from wtforms import Form, RadioField, SelectChoice, StringField
from wtforms.validators import InputRequired

from cme import assets, pages
from cme.values import Credits

ROOT = Path(__file__).parent.parent
TEMPLATES, STATIC = ROOT / "templates", ROOT / "cme" / "static"
NAMES = sorted(str(path.relative_to(TEMPLATES)) for path in TEMPLATES.rglob("*") if path.suffix in {".html", ".txt"})
STYLES = sorted(path.name for path in (STATIC / "css").glob("*.css"))
FRAMES = {"admin.html", "errors/_error.html"}
SHEETS_OF_PAPER = re.compile(r"(^email\.html|components/letter\.html|/emails/|/?certificate/|/papers/)")
DATA = r'<script type="application/ld\+json">'  # what search engines read; no browser runs it
INLINE = re.compile(
    rf"<style|\sstyle\s*=|(?!{DATA})<script(?![^>]*\ssrc=)|<[^>]*\son[a-z]+\s*=|javascript:", re.IGNORECASE
)


@pytest.fixture(scope="module")
def env() -> Environment:
    """The templates' own environment, without an application around it."""
    app = Flask(__name__, template_folder=str(TEMPLATES), static_folder=str(STATIC))
    pages.init_app(app)
    app.jinja_env.globals |= {
        "csrf_token": lambda: "token",
        "static": lambda path: f"/static/{path}",
        "url_for": lambda endpoint, **parts: f"/{endpoint}",
    }
    return app.jinja_env


def source(name: str) -> str:
    return (TEMPLATES / name).read_text(encoding="utf-8")


def parsed(env: Environment, name: str) -> nodes.Template:
    return env.parse(source(name), name)


def macros(env: Environment, name: str) -> Any:
    """The macros of one file, ready to be called."""
    return env.get_template(name).module


def frame_of(tree: nodes.Template) -> str | None:
    extends = tree.find(nodes.Extends)
    return extends.template.value if extends and isinstance(extends.template, nodes.Const) else None


def given_by(env: Environment, name: str) -> set[str]:
    """What other templates may import from this one."""
    tree = parsed(env, name)
    macros = {macro.name for macro in tree.find_all(nodes.Macro)}
    return macros | {
        assign.target.name for assign in tree.find_all(nodes.Assign) if isinstance(assign.target, nodes.Name)
    }


def calls(tree: nodes.Template, *names: str) -> Iterator[str]:
    """The first words that calls of these names are given in plain text."""
    for call in tree.find_all(nodes.Call):
        named = isinstance(call.node, nodes.Name) and call.node.name in names
        if named and call.args and isinstance(call.args[0], nodes.Const):
            yield call.args[0].value


def calls_of_attribute(env: Environment, name: str, method: str) -> list[str]:
    """The first words given to `something.method("…")`."""
    found = [call for call in parsed(env, name).find_all(nodes.Call) if isinstance(call.node, nodes.Getattr)]
    return [call.args[0].value for call in found if call.node.attr == method and isinstance(call.args[0], nodes.Const)]


def icons_drawn() -> set[str]:
    return set(re.findall(r'<symbol id="([^"]+)"', (STATIC / "img/icons.svg").read_text(encoding="utf-8")))


@pytest.mark.parametrize("name", NAMES)
def test_every_template_compiles(env: Environment, name: str) -> None:
    assert env.get_template(name)


@pytest.mark.parametrize("name", [name for name in NAMES if name not in FRAMES])
def test_every_page_has_a_title(env: Environment, name: str) -> None:
    tree = parsed(env, name)
    if frame_of(tree) in {"layout.html", *FRAMES, "errors/_plain.html"}:
        assert [block for block in tree.find_all(nodes.Block) if block.name == "title" and block.body]


@pytest.mark.parametrize("name", [name for name in NAMES if not SHEETS_OF_PAPER.search(name)])
def test_nothing_runs_or_is_styled_inline(name: str) -> None:
    assert not INLINE.findall(source(name))


@pytest.mark.parametrize("name", NAMES)
def test_every_imported_macro_exists(env: Environment, name: str) -> None:
    for imported in parsed(env, name).find_all(nodes.FromImport):
        assert isinstance(imported.template, nodes.Const)
        wanted = {word if isinstance(word, str) else word[0] for word in imported.names}
        assert wanted <= given_by(env, imported.template.value)


@pytest.mark.parametrize("name", NAMES)
def test_every_icon_is_drawn(env: Environment, name: str) -> None:
    tree = parsed(env, name)
    named = {
        word.value.value
        for word in tree.find_all(nodes.Keyword)
        if word.key == "icon_name" and isinstance(word.value, nodes.Const)
    }
    assert {*calls(tree, "icon", "ui_icon"), *named} - {None} <= icons_drawn()


@pytest.mark.parametrize("name", NAMES)
def test_every_static_file_exists(env: Environment, name: str) -> None:
    tree = parsed(env, name)
    for path in {*calls(tree, "static"), *re.findall(r'"/static/([^"]+)"', source(name))}:
        assert path in assets.JOINED or (STATIC / path).is_file() or path.endswith("/"), path
    for sheet in [*calls(tree, "stylesheet"), *calls_of_attribute(env, name, "stylesheet")]:
        assert f"css/{sheet}.css" in assets.JOINED


def test_every_stylesheet_is_part_of_what_is_sent() -> None:
    assert {part for parts in assets.JOINED.values() for part in parts} == {Path(name).stem for name in STYLES}


@pytest.mark.parametrize("name", NAMES)
def test_every_posted_form_carries_its_token(name: str) -> None:
    for form in re.findall(r'<form[^>]*method="post".*?</form>', source(name), re.DOTALL | re.IGNORECASE):
        assert re.search(r"tokens\(|csrf\(|csrf_token|hidden_tag\(", form), form[:120]


@pytest.mark.parametrize("name", STYLES)
def test_stylesheets_name_only_files_and_tokens_that_exist(name: str) -> None:
    css = (STATIC / "css" / name).read_text(encoding="utf-8")
    everything = "".join((STATIC / "css" / other).read_text(encoding="utf-8") for other in STYLES)
    for path in re.findall(r'url\("([^"]+)"\)', css):
        assert (STATIC / "css" / path).resolve().is_file(), path
    assert set(re.findall(r"var\((--[\w-]+)\)", css)) <= set(re.findall(r"(--[\w-]+)\s*:", everything))


def test_both_ways_to_dark_say_the_same() -> None:
    css = (STATIC / "css/tokens.css").read_text(encoding="utf-8")
    system, chosen = re.findall(
        r":root(?::not\(\[data-theme=\"light\"\]\)|\[data-theme=\"dark\"\]) \{(.*?)\}", css, re.DOTALL
    )
    assert system.split() == chosen.split()


def test_the_gate_is_word_for_word(env: Environment) -> None:
    notice = macros(env, "components/notice.html")
    for macro in (notice.gate, notice.gate_banner):
        words = " ".join(Markup(macro(["Professional Name"], "/here")).striptags().split())
        assert "Professional Name & Certification Type are Required." in words
        assert (
            "To claim credit, you must supply your Professional Name and Certification Type "
            "on the Account Details page."
        ) in words
        assert (
            "Click the Update Account Details button. On the next page provide your information and "
            "click the Save Changes button."
        ) in words
        assert words.endswith("Update Account Details")


@pytest.mark.parametrize(("amount", "printed"), [(100, "Credit™"), (75, "Credits™"), (2000, "Credits™")])
def test_one_credit_is_singular(env: Environment, amount: int, printed: str) -> None:
    credit = macros(env, "components/credit.html")
    name = credit.credit_name(Credits(amount))
    assert name == f'<em class="credit-name">AMA PRA Category 1 {printed}</em>'


def test_a_statement_is_marked_up_and_escaped(env: Environment) -> None:
    credit = macros(env, "components/credit.html")
    text = credit.credit_text("<b> 20.00 AMA PRA Category 1 Credit(s)™.")
    assert text == '&lt;b&gt; 20.00 <em class="credit-name">AMA PRA Category 1 Credit(s)™</em>.'


@pytest.mark.parametrize(("hundredths", "shown"), [(2000, "20.0"), (925, "9.25"), (50, "0.5")])
def test_the_credit_figure_never_rounds_a_quarter_away(env: Environment, hundredths: int, shown: str) -> None:
    credit = macros(env, "components/credit.html")
    assert f">{shown}<" in credit.credit_figure(hundredths)


class Attending(Form):
    name = StringField("Professional Name", [InputRequired("Enter your Professional Name")])
    mode = RadioField(
        "How will you attend?", [InputRequired("Select one")], choices=[SelectChoice("in-person", "In person")]
    )


def test_the_error_summary_leads_to_every_field(env: Environment) -> None:
    form = Attending()
    form.validate()
    parts = macros(env, "components/form.html")
    shown = parts.error_summary(form) + parts.field(form.name) + parts.field(form.mode)
    targets = re.findall(r'href="#([^"]+)"', shown)
    assert targets == ["name", "mode-0"]
    assert all(f'id="{target}"' in shown for target in targets)
    assert shown.count("Enter your Professional Name") == 2


def test_a_sound_form_has_no_summary(env: Environment) -> None:
    assert not macros(env, "components/form.html").error_summary(Attending())
