# One image for every role: `docker run IMAGE` serves, `docker run IMAGE migrate` prepares the store.
# The same locks as everywhere else; what builds stays in the first stage.

FROM python:3.13-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /src
# For the parts in C; without them the same answers take longer.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends gcc libc6-dev \
    && rm -rf /var/lib/apt/lists/*
RUN python -m venv /opt/moderation
COPY requirements.lock ./
RUN /opt/moderation/bin/pip install --no-cache-dir --require-hashes -r requirements.lock
COPY pyproject.toml hatch_build.py README.md ./
COPY cli ./cli
COPY migrations ./migrations
COPY models ./models
COPY service ./service
COPY workers ./workers
COPY wordlists ./wordlists
# The build back end is in the lock, so nothing is downloaded here; afterwards it is taken out.
RUN /opt/moderation/bin/pip install --no-cache-dir --no-deps --no-build-isolation --no-index . \
    && /opt/moderation/bin/pip uninstall -y hatchling editables trove-classifiers pathspec pluggy \
    && /opt/moderation/bin/pip uninstall -y pip

# Nothing is installed beside Python's packages: the headless OpenCV that reads pictures needs no
# libGL, and the C++ library is part of the base image.
FROM python:3.13-slim
RUN useradd --system --uid 10001 --create-home --home-dir /data moderation \
    && chmod 0700 /data
COPY --from=build /opt/moderation /opt/moderation
ENV PATH=/opt/moderation/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    MODERATION_HOST=0.0.0.0 \
    MODERATION_DATA_DIR=/data
WORKDIR /data
USER 10001
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=4s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as r; r.urlopen('http://127.0.0.1:' + os.environ.get('PORT', '8000') + '/healthz', timeout=3)"]
ENTRYPOINT ["moderation"]
CMD ["serve"]
