# One image for all of Energy Track's own services; Compose tells each container which one it is.
#
#   docker build --build-arg BASE_IMAGE=registry.plant.example/python:3.11-slim \
#                --build-arg PIP_INDEX_URL=http://mirror.plant.example/simple .
#
# builds it where there is no internet: the base image and the package index are the plant's own. An address with a
# password in it does not belong into a build argument (it stays in the image's history); give pip a netrc instead.
ARG BASE_IMAGE=python:3.11.14-slim-bookworm

FROM ${BASE_IMAGE} AS build
ARG PIP_INDEX_URL=
ARG PIP_TRUSTED_HOST=
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_NO_INPUT=1
RUN python3 -m venv /opt/energytrack
WORKDIR /build
COPY requirements.lock ./
RUN /opt/energytrack/bin/pip install --require-hashes -r requirements.lock
COPY . .
RUN /opt/energytrack/bin/pip install --no-deps . \
    && /opt/energytrack/bin/python -m compileall -q /opt/energytrack/lib

FROM ${BASE_IMAGE}
# Folders that named volumes are mounted on: a fresh volume takes their owner over.
RUN groupadd --gid 10001 energytrack \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin energytrack \
    && install -d -o 10001 -g 10001 /models /state /provisioned /several-plants /secrets \
        /secrets/authority /secrets/centre /secrets/control /secrets/energytrack /secrets/exporters /secrets/gateway /secrets/grafana \
        /secrets/front-door /secrets/mirror /secrets/plants \
        /secrets/historian /secrets/kafka /secrets/kafka-users /secrets/machines /secrets/ml-consumer /secrets/mongo /secrets/telegraf
COPY --from=build /opt/energytrack /opt/energytrack
COPY plant.toml alerts.toml /app/
COPY grafana /app/grafana
COPY tools /app/tools
COPY deploy/compose /app/deploy/compose
ENV PATH=/opt/energytrack/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 OMP_NUM_THREADS=1
WORKDIR /app
USER 10001:10001
EXPOSE 8000 9400
HEALTHCHECK --interval=10s --timeout=5s --start-period=3m --retries=3 \
    CMD ["python", "/app/deploy/compose/healthy.py"]
