# docker build -t magnet .
# docker run --rm -v magnet:/data magnet run --model fake --turns 2
FROM python:3.11-slim AS build
WORKDIR /src
COPY . .
# EXTRAS as in pyproject.toml, without those that train.
ARG EXTRAS=data,eval,postgres,traces
RUN python -m venv /opt/magnet \
    && /opt/magnet/bin/pip install --no-cache-dir --constraint constraints.txt ".[${EXTRAS}]"

FROM python:3.11-slim
RUN apt-get update \
    && apt-get install --yes --no-install-recommends libgomp1 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 1000 --create-home magnet \
    && install --directory --owner magnet /data
COPY --from=build /opt/magnet /opt/magnet
ENV PATH=/opt/magnet/bin:$PATH MAGNET_DB=/data/sessions.db MAGNET_CACHE_DIR=/data/cache
USER magnet
WORKDIR /data
VOLUME /data
ENTRYPOINT ["magnet"]
CMD ["--help"]
