# One image for the pages, the worker, the clock and the sandboxes: only the command differs.
FROM python:3.12-slim AS build
RUN pip install --no-cache-dir "uv>=0.13.9,<0.14"
ENV UV_PYTHON_DOWNLOADS=never UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1 UV_PROJECT_ENVIRONMENT=/opt/venv
WORKDIR /app
COPY pyproject.toml uv.lock ./
# No embedded servers here: PostgreSQL and Valkey are services of their own.
RUN uv sync --locked --no-default-groups --group sandboxes

FROM python:3.12-slim
RUN useradd --system --uid 10001 --home-dir /var/lib/perinat --create-home perinat
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=perinat.settings.prod \
    VAR_DIR=/var/lib/perinat
COPY --from=build /opt/venv /opt/venv
WORKDIR /app
COPY . .
USER perinat
VOLUME /var/lib/perinat
EXPOSE 8000
CMD ["gunicorn", "perinat.wsgi", "--bind", "0.0.0.0:8000", "-k", "gthread", "--workers", "2", "--threads", "8", "--no-control-socket"]
