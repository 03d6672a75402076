"""The application: rooms wired together, nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from flask import Flask
from flask_compress import Compress

from buildingmap.resources import templates_folder
from buildingmap.web.access_log import access_log, init_access_log
from buildingmap.web.account_pages import account_pages
from buildingmap.web.analysis_page import analysis_page
from buildingmap.web.api import api
from buildingmap.web.api_docs import api_docs
from buildingmap.web.caching import CompressedAnswers, compression_key
from buildingmap.web.compare_page import compare_page
from buildingmap.web.coverage_words import init_coverage
from buildingmap.web.downloads import downloads
from buildingmap.web.frame import init_frame
from buildingmap.web.goals_page import goals_page
from buildingmap.web.headers import init_headers
from buildingmap.web.history_page import history_page
from buildingmap.web.import_page import import_page
from buildingmap.web.imports_api import imports_api, init_imports
from buildingmap.web.languages import init_languages
from buildingmap.web.lists_page import lists_page
from buildingmap.web.matching_page import matching_page
from buildingmap.web.openapi import openapi
from buildingmap.web.pages import pages
from buildingmap.web.pipeline_page import pipeline_page
from buildingmap.web.plan_page import plan_page
from buildingmap.web.plans_api import init_plans, plans_api
from buildingmap.web.print_page import print_page
from buildingmap.web.problems import PROBLEM_TYPE, init_problems
from buildingmap.web.records_api import records_api
from buildingmap.web.refusals_api import refusals_api
from buildingmap.web.scenarios_api import init_scenarios, scenarios_api
from buildingmap.web.scenarios_page import scenarios_page
from buildingmap.web.sign_in import init_openid, sign_in
from buildingmap.web.sites_page import sites_page
from buildingmap.web.state import EXTENSION, State
from buildingmap.web.static_files import init_static_files
from buildingmap.web.stations_page import stations_page
from buildingmap.web.tags import init_tags
from buildingmap.web.tower_page import tower_page
from buildingmap.web.visitors import Access, init_visitors
from buildingmap.web.waiting import DEFAULT_WRITERS, init_waiting
from buildingmap.web.words import init_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from buildingmap.web.openid import Provider
    from buildingmap.web.plan_jobs import PlanLimits
    from buildingmap.web.state import Registry

LOOPBACK: Final = ("localhost", "127.0.0.1")
ANY_HOST: Final = ("*",)
_MOST_BODY_BYTES: Final = 64 * 1024
_COMPRESSED: Final = [
    "text/html",
    "text/css",
    "text/csv",
    "text/plain",
    "text/javascript",
    "application/javascript",
    "application/json",
    "application/geo+json",
    "application/vnd.oai.openapi+json",
    "image/svg+xml",
    PROBLEM_TYPE,
]


def create_app(
    registry: Registry,
    *,
    trusted_hosts: Sequence[str] | None = None,
    access: Access | None = None,
    provider: Provider | None = None,
    plan_limits: PlanLimits | None = None,
    most_writers: int = DEFAULT_WRITERS,
) -> Flask:
    """Build the application that answers from ``registry``, to the visitors that ``access`` tells apart.

    Without ``access`` everyone is admin: for a machine that only its owner reaches. ``provider``: who else vouches
    for visitors. ``plan_limits``: what planning may take of this server. ``most_writers``: how many requests may write
    or wait to at once.

    Only requests whose Host is one of ``trusted_hosts`` are answered, the loopback names when None, so that a
    foreign page cannot rebind its own name to this server; ``ANY_HOST`` answers all.
    """
    app = Flask("buildingmap.web", template_folder=str(templates_folder()))
    state = State(registry)
    app.extensions[EXTENSION] = state
    hosts = list(LOOPBACK if trusted_hosts is None else trusted_hosts)
    app.config.update(
        TRUSTED_HOSTS=None if hosts == list(ANY_HOST) else hosts,
        MAX_CONTENT_LENGTH=_MOST_BODY_BYTES,
        COMPRESS_MIMETYPES=_COMPRESSED,
        COMPRESS_ALGORITHM=["zstd", "br", "gzip"],
        COMPRESS_CACHE_BACKEND=lambda: CompressedAnswers(state.answers),
        COMPRESS_CACHE_KEY=compression_key,
        COMPRESS_EVALUATE_CONDITIONAL_REQUEST=False,  # web/tags.py does, whatever the encoding
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    doors = access or Access()
    app.secret_key = doors.secret
    app.config.update(
        SESSION_COOKIE_NAME="buildingmap_openid", SESSION_COOKIE_HTTPONLY=True, SESSION_COOKIE_SAMESITE="Lax"
    )
    Compress(app)
    init_tags(app)
    init_imports(app)
    init_plans(app, plan_limits)
    init_scenarios(app)
    init_visitors(app, doors)
    init_access_log(app)
    init_openid(app, provider)
    init_headers(app, registry.snapshot().district)
    init_languages(app)
    init_frame(app)
    init_words(app)
    init_coverage(app)
    init_problems(app)
    init_static_files(app)
    init_waiting(app, most_writers)
    for blueprint in (
        api,
        openapi,
        api_docs,
        downloads,
        pages,
        print_page,
        compare_page,
        tower_page,
        analysis_page,
        pipeline_page,
        matching_page,
        sites_page,
        lists_page,
        goals_page,
        sign_in,
        account_pages,
        access_log,
        records_api,
        history_page,
        refusals_api,
        import_page,
        imports_api,
        plan_page,
        plans_api,
        scenarios_api,
        scenarios_page,
        stations_page,
    ):
        app.register_blueprint(blueprint)
    return app
