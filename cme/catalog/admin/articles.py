"""Articles, for staff: the list, the editor, the preview, publishing."""

from types import SimpleNamespace
from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask_login import current_user

from cme import gateways
from cme.access import staff_only
from cme.catalog import desk, filters
from cme.catalog.admin.blueprint import bp
from cme.catalog.admin.versions import version_of
from cme.catalog.cards import day_in
from cme.catalog.errors import CategoryTaken, NotReady, SlugTaken
from cme.catalog.forms.articles import ArticleForm, NewArticleForm
from cme.catalog.forms.fields import blame
from cme.catalog.models import Article
from cme.catalog.models.articles import OFFICE
from cme.catalog.queries.articles import VIEWS, all_categories, any_article, articles_for_staff
from cme.catalog.rules.articles import article_findings
from cme.catalog.services import articles as services
from cme.catalog.views.articles import seminars_below
from cme.errors import EditedMeanwhile, Refusal
from cme.pages import page

GONE = (
    "Somebody changed this article's address while you were editing. What you typed stands below: save it as a draft."
)
NEW = "new"  # where an article's address would stand; no article has it
WORDS = ("title", "summary", "body", "slug", "author", "published_on", "specialty", "version")


@bp.route("/admin/articles")
@staff_only("seminars")
def articles() -> Any:
    """List every article."""
    now = gateways.clock()
    view = request.args.get("view", "all")
    view = view if view in VIEWS else "all"
    typed = filters.printable(request.args.get("q", ""), filters.LONGEST_SEARCH)
    number, notices = filters.page_number(request.args)
    found = articles_for_staff(view=view, words=typed.split()[: filters.MOST_WORDS], page=number, now=now)
    words = {"view": view, "views": VIEWS, "q": typed, "notices": notices, "today": day_in(OFFICE, now)}
    return page("catalog/admin/articles.html", 404 if found.is_beyond else 200, found=found, **words)


@bp.route("/admin/articles/new", methods=["GET", "POST"])
@staff_only("seminars")
def new_article() -> Any:
    """Start an article."""
    form = _offered(NewArticleForm())
    if form.validate_on_submit():
        try:
            article = services.create_article(
                form.values(), by=current_user, form_id=form.form_id.data, now=gateways.clock()
            )
        except Refusal as refusal:
            _refuse(form, refusal)
        else:
            flash("Draft created. Readers do not see it yet.", "success")
            return redirect(url_for(".edit_article", slug=article.slug), 303)
    return _editor(form)


@bp.route("/admin/articles/<slug>", methods=["GET", "POST"])
@staff_only("seminars")
def edit_article(slug: str) -> Any:
    """Edit an article."""
    article = any_article(slug)
    if article is None:
        return _gone()
    form = _form(article)
    if request.method == "POST" and _save(form, article):
        flash("Saved.", "success")
        return redirect(url_for(".edit_article", slug=article.slug), 303)
    return _editor(form, article)


@bp.route("/admin/articles/<slug>/publish", methods=["POST"])
@staff_only("seminars")
def publish_article(slug: str) -> Any:
    """Save what the editor shows, if it was sent along, and publish."""
    article = any_article(slug)
    if article is None:
        return _gone()
    form = _form(article)
    if "title" in request.form and not _save(form, article):
        return _editor(form, article)
    now = gateways.clock()
    try:
        services.publish_article(article.id, by=current_user, now=now)
    except Refusal as refusal:
        form = _form(article, typed=False)
        _refuse(form, refusal)
        return _editor(form, article)
    is_ahead = article.published_on is not None and article.published_on > day_in(OFFICE, now)
    flash("Scheduled. It appears on its day." if is_ahead else "Published. Readers see it now.", "success")
    return redirect(url_for(".edit_article", slug=article.slug), 303)


@bp.route("/admin/articles/<slug>/withdraw", methods=["POST"])
@staff_only("seminars")
def withdraw_article(slug: str) -> Any:
    """Make an article a draft again; what was typed and not saved stays in the editor."""
    article = any_article(slug)
    if article is None:
        return _gone()
    form = _form(article, typed="title" in request.form)
    unsaved = form.differences(_form(article, typed=False))
    had = article.version
    services.withdraw_article(article.id, by=current_user, now=gateways.clock())
    flash("Withdrawn. It is a draft again.", "success")
    if unsaved:
        if version_of(form) == had:
            form.version.data = str(article.version)
        return _editor(form, article)
    return redirect(url_for(".edit_article", slug=article.slug), 303)


@bp.route("/admin/articles/<slug>/preview", methods=["GET", "POST"])
@staff_only("seminars")
def preview_article(slug: str) -> Any:
    """Show an article as readers will see it: as saved, or as the editor has it and nobody saved it yet."""
    if slug == NEW:
        form = _offered(NewArticleForm()) if request.method == "POST" else abort(404)
    else:
        form = _form(any_article(slug) or abort(404), typed="title" in request.form)
    now = gateways.clock()
    shelves = {category.slug: category for category in all_categories()}
    seen = SimpleNamespace(
        slug=slug,
        title=form.title.data or "Untitled article",
        summary=form.summary.data or "",
        body=form.body.data or "",
        author=form.author.data,
        specialty=form.specialty.data or "",
        topics=list(form.topics.items),
        published_on=form.published_on.data or day_in(OFFICE, now),
        category=shelves.get(form.category.data or "") or SimpleNamespace(slug="", name=form.new_category.data or ""),
    )
    related, is_on_topic = seminars_below(seen.specialty, seen.topics, now=now)
    return page(
        "catalog/article.html", article=seen, related=related, is_on_topic=is_on_topic, more=[], is_preview=True
    )


def _gone() -> Any:
    """Nothing is there, or not any more: what was typed is shown once again, to be kept as another draft."""
    if "title" not in request.form:
        abort(404)
    form = _offered(NewArticleForm())
    form.refuse(GONE)
    return _editor(form)


def _offered(form: Any) -> Any:
    form.offer((category.slug, category.name) for category in all_categories())
    return form


def _form(article: Article, *, typed: bool = True) -> ArticleForm:
    words = {name: getattr(article, name) for name in WORDS}
    words |= {"category": article.category.slug, "topics": "\n".join(article.topics)}
    form: ArticleForm = _offered(ArticleForm(data=words) if typed else ArticleForm(formdata=None, data=words))
    return form


def _save(form: ArticleForm, article: Article) -> bool:
    if not form.validate():
        return False
    try:
        services.save_article(
            article.id, form.values(), version=version_of(form), by=current_user, now=gateways.clock()
        )
    except Refusal as refusal:
        _refuse(form, refusal)
        if isinstance(refusal, EditedMeanwhile):
            # Whoever has seen the other version may save over it.
            form.version.data = str(article.version)
            form.theirs = form.differences(_form(article, typed=False))
        return False
    return True


def _refuse(form: ArticleForm, refusal: Refusal) -> None:
    if isinstance(refusal, SlugTaken):
        blame(form.slug, str(refusal))
    elif isinstance(refusal, CategoryTaken):
        blame(_offered(form).category, str(refusal))
    else:
        form.refuse(refusal)
    if isinstance(refusal, NotReady):
        form.lacking = refusal.findings


def _editor(form: ArticleForm, article: Article | None = None) -> Any:
    return page(
        "catalog/admin/article.html",
        form=form,
        article=article,
        findings=article_findings(article) if article else [],
        specialties=desk.specialties(),
        today=day_in(OFFICE, gateways.clock()),
    )
