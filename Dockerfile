# The server for production: the database is elsewhere (DATABASE_URL), nothing runs as root, nothing is built at start.

FROM node:22-slim AS web
WORKDIR /web
COPY web_client/package.json web_client/package-lock.json web_client/.npmrc ./
RUN npm ci
COPY web_client ./
RUN npm run build

FROM python:3.13-slim AS packages
WORKDIR /app
COPY requirements.txt ./
RUN python -m venv /venv && /venv/bin/pip install --no-cache-dir -r requirements.txt
COPY pyproject.toml README.md ./
COPY storage storage
COPY crm crm
COPY pipelines pipelines
COPY agent_server agent_server
COPY simulators simulators
RUN /venv/bin/pip install --no-cache-dir --no-deps --editable .

FROM python:3.13-slim
RUN useradd --create-home --uid 10001 agent && install -d -o agent -g agent /data
COPY --from=packages /venv /venv
COPY --from=packages /app /app
COPY --from=web /web/dist /app/web_client/dist
WORKDIR /app
USER agent
ENV PATH=/venv/bin:$PATH HOST=0.0.0.0 PORT=8080 DATA_DIR=/data LOG_FORMAT=json PYTHONUNBUFFERED=1
VOLUME /data
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=15s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8080/api/live', timeout=2)"]
CMD ["sales-agent", "serve"]
