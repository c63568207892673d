# Gateway, worker and command line. The same steps as the Makefile's .venv/.ready, with pip in place of uv.
FROM python:3.13-slim

ENV PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    PYTHONPATH=/app \
    PIP_NO_CACHE_DIR=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    HEMSEHRI_VAR_DIR=/app/var

WORKDIR /app

# --no-deps: the lock files name everything, and nothing else may be installed.
COPY requirements/ requirements/
RUN pip install --no-deps --require-hashes -r requirements/app.txt \
 && pip install --no-deps --require-hashes -r requirements/tools.txt

COPY LICENSE NOTICE README.md pyproject.toml ./
COPY bot/ bot/
COPY data/ data/
RUN pip install --no-deps --no-build-isolation --editable . \
 && pybabel --quiet compile -d bot/i18n/locale

# The only folder the program writes to. A named volume mounted here takes over this owner.
RUN useradd --system --uid 10001 --no-create-home hemsehri \
 && mkdir var && chown hemsehri:hemsehri var
USER hemsehri

EXPOSE 8000
CMD ["bot", "gateway"]
