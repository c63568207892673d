# Rasa and its action server, in Rasa's own old and sealed environment. The model is trained here, so that a container
# starts in seconds and two containers of one image answer alike. The same steps as the Makefile's
# .venv-rasa/.ready and as `train` in bot/rasa_project.py.

# The classifier is trained where scikit-learn is: the light Rasa has none.
FROM python:3.13-slim AS classifier
ENV PYTHONPATH=/app PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 HEMSEHRI_VAR_DIR=/app/var
WORKDIR /app
COPY requirements/ requirements/
RUN pip install --no-deps --require-hashes -r requirements/app.txt
COPY bot/ bot/
COPY data/ data/
RUN python -m bot.cli train

FROM python:3.10-slim

ENV PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    PYTHONPATH=/app \
    PYTHONWARNINGS=ignore \
    PIP_NO_CACHE_DIR=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    RASA_TELEMETRY_ENABLED=false \
    SQLALCHEMY_SILENCE_UBER_WARNING=1 \
    HOME=/tmp \
    HEMSEHRI_VAR_DIR=/app/var

WORKDIR /app

# --no-deps: the lock file names everything. pip would also refuse its numpy, which we override with a measured
# reason (requirements/rasa-light-override.txt).
COPY requirements/ requirements/
RUN pip install --no-deps --require-hashes -r requirements/rasa-light.txt

# Of the application only what Rasa mounts: how messages are understood. No services, no storage, no web.
COPY LICENSE NOTICE config.yml credentials.yml domain.yml endpoints.yml ./
COPY bot/__init__.py bot/__init__.py
COPY bot/domain/ bot/domain/
COPY bot/understanding/ bot/understanding/
COPY actions/ actions/
COPY data/ data/

COPY --from=classifier /app/var/brain/ var/brain/

# On named folders: data/ holds content and facts too.
RUN python -m actions.light_rasa train --data data/nlu data/rules data/stories \
      --domain domain.yml --config config.yml --skip-validation \
      --out models --fixed-model-name hemsehri \
 && rm -rf .rasa var /tmp/*

# The only folder the programs write to. A named volume mounted here takes over this owner.
RUN useradd --system --uid 10001 --no-create-home hemsehri \
 && mkdir var && chown hemsehri:hemsehri var
USER hemsehri

EXPOSE 5005 5055
# Loopback, as Rasa's webhook asks nobody who they are; docker-compose.yml says why it may do otherwise there.
CMD ["python", "-m", "actions.light_rasa", "run", "-i", "127.0.0.1", "--model", "models/hemsehri.tar.gz", "--enable-api"]
