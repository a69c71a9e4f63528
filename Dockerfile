# syntax=docker/dockerfile:1
FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN go build -tags gore2regex -trimpath -ldflags='-s -w' -o /lintel ./cmd/lintel

FROM debian:bookworm-slim
RUN apt-get update \
 && apt-get install -y --no-install-recommends git ca-certificates \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin lintel \
 && install -d -o lintel -g lintel -m 0700 /data
COPY --from=build /lintel /usr/local/bin/lintel
USER 10001:10001
# Only /data is written to: run it with --read-only and a volume there.
VOLUME /data
ENV LINTEL_DATA_DIR=/data \
    LINTEL_LISTEN=0.0.0.0:8080 \
    LINTEL_ADMIN_LISTEN=0.0.0.0:9090
EXPOSE 8080 9090
STOPSIGNAL SIGTERM
ENTRYPOINT ["/usr/local/bin/lintel"]
CMD ["serve"]
