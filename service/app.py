"""The web service: FastAPI with the routes of every feature, and nothing that is not needed."""

from __future__ import annotations

import gc
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.routing import BaseRoute

from service.access import visitors
from service.kernel import problems
from service.kernel.shield import Shield
from service.kernel.thin import ThinRoute
from service.moderation.pages import static_app
from service.version import VERSION
from service.wiring.api import Services
from service.wiring.features import build_features


def create_app(services: Services, *, further: Iterable[BaseRoute] = ()) -> FastAPI:
    """The application; its lifespan starts and stops what `services` holds.

    `further` are routes of others that hang in the same process, as demo mode's host does.
    """

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        services.start()
        gc.freeze()  # what the start has made stays: looking through it again and again is waste
        try:
            yield
        finally:
            await services.stop()

    app = FastAPI(
        title="Moderation",
        version=VERSION,
        lifespan=lifespan,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        telemetry={"tracing": False, "metrics": False, "logs": False},  # asked at every request
    )
    app.add_middleware(Shield)
    problems.install(app)
    visitors.install(app)
    features = build_features(services)
    for feature in features:
        for method, path, endpoint in feature.routes:
            app.router.routes.append(ThinRoute(path, endpoint, methods=[method]))
    app.router.routes.extend(further)
    for feature in features:
        for pages in feature.pages:
            app.include_router(pages)
    app.mount("/static", static_app())
    return app
