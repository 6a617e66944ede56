# The site alone: web server, worker and beat use this image, each with a command of its own
# (see docker-compose.yml). It holds no secrets, and nothing in it needs root.

FROM python:3.13-slim AS packages
COPY requirements/app.txt /tmp/app.txt
RUN python -m venv /opt/venv \
    && /opt/venv/bin/pip install --no-cache-dir --require-hashes --requirement /tmp/app.txt

FROM python:3.13-slim
# a fixed number, so that orchestrators can check that it is not root
RUN useradd --system --uid 10001 --home-dir /nonexistent --shell /usr/sbin/nologin esbt
COPY --from=packages /opt/venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    DJANGO_SETTINGS_MODULE=esbt.settings \
    ESBT_STATIC_ROOT=/srv/static
WORKDIR /srv/esbt
COPY . .
# files of the site belong to root: the process that serves them cannot change them
RUN python -m compileall -q . && python manage.py collectstatic --noinput --verbosity=0

USER 10001
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s \
    CMD ["python", "-m", "esbt.runner.health"]
CMD ["gunicorn", "esbt.wsgi", "--bind=0.0.0.0:8000", "--workers=2", "--worker-class=gthread", \
     "--threads=4", "--preload", "--no-control-socket", "--worker-tmp-dir=/dev/shm"]
