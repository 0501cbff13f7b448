# Airflow with Klartext installed: every component of Airflow runs from this image.
FROM apache/airflow:3.3.2-python3.12 AS lock

WORKDIR /tmp/klartext
COPY --chown=50000:0 include/local_airflow/uv-requirements.txt ./
RUN pip install --no-cache-dir --require-hashes --only-binary=:all: --no-deps --requirement uv-requirements.txt
COPY --chown=50000:0 pyproject.toml uv.lock ./
RUN uv export --frozen --no-dev --no-emit-project --output-file requirements.txt

FROM apache/airflow:3.3.2-python3.12

# Packages change less often than the code, so they are a layer of their own, with the hashes of the lock. Drivers and
# providers of the base image (PostgreSQL, Celery, Amazon) stay.
COPY --from=lock /tmp/klartext/requirements.txt /tmp/requirements.txt
RUN pip install --no-cache-dir --require-hashes --requirement /tmp/requirements.txt

USER 0
RUN install -d -o 50000 -g 0 -m 0775 /opt/klartext /opt/klartext/data /opt/klartext/newsroom-sources
USER 50000

WORKDIR /opt/klartext
COPY --chown=50000:0 pyproject.toml README.md LICENSE ./
COPY --chown=50000:0 include ./include
COPY --chown=50000:0 dags ./dags
COPY --chown=50000:0 plugins ./plugins
RUN pip install --no-cache-dir --no-deps --editable .

ENV AIRFLOW__CORE__DAGS_FOLDER=/opt/klartext/dags \
    AIRFLOW__CORE__PLUGINS_FOLDER=/opt/klartext/plugins \
    AIRFLOW__CORE__LOAD_EXAMPLES=False \
    KLARTEXT_DATA=/opt/klartext/data
VOLUME /opt/klartext/data
