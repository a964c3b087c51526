# Haarlem's programs as images without a shell, for x86_64 and 64-bit ARM:
#
#   docker build --target board --tag haarlem-board .    all programs, and ffmpeg for the detector's camera
#   docker build --target cloud --tag haarlem-cloud .    all programs, no ffmpeg: saver, gallery, logger, forwarder
#
# The build compiles the programs with a Deno from pip. With --build-arg PROGRAMS=prebuilt it takes the executables
# that `deno task build` left in dist/. See deploy/containers/README.md.
ARG DEBIAN=docker.io/library/debian:trixie-slim
ARG PROGRAMS=compiled
ARG TARGETARCH
# The output of deploy/build/version: the build context has no git repository.
ARG HAARLEM_BUILD_VERSION=
ARG HAARLEM_COMMIT=

# Cross-compilation: Deno can embed the runtime of another processor.
FROM --platform=$BUILDPLATFORM ${DEBIAN} AS sources
ARG DENO_VERSION=2.9.6
ENV DENO_DIR=/var/cache/deno DENO_TLS_CA_STORE=system,mozilla
RUN apt-get update \
 && DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends ca-certificates python3-pip \
 && python3 -m pip install --quiet --no-cache-dir --no-deps --break-system-packages "deno==${DENO_VERSION}"
WORKDIR /haarlem
COPY deno.json deno.lock import_map.json LICENSE ./
COPY lib lib
COPY workers workers
COPY deploy/haarlem.ts deploy/build.ts deploy/
COPY deploy/build deploy/build

FROM sources AS compiled-amd64
# For builds that cannot reach Deno's download host: a Deno and its runtime (denort) of the same version.
ARG HAARLEM_COMPILE_DENO
ARG HAARLEM_BUILD_VERSION
ARG HAARLEM_COMMIT
ARG DENORT_BIN
RUN deno run -A deploy/build.ts --target x86_64-unknown-linux-gnu --only haarlem --no-xz --out /out \
 && mv /out/x86_64-unknown-linux-gnu /built

FROM sources AS compiled-arm64
ARG HAARLEM_COMPILE_DENO
ARG HAARLEM_BUILD_VERSION
ARG HAARLEM_COMMIT
ARG DENORT_BIN
RUN deno run -A deploy/build.ts --target aarch64-unknown-linux-gnu --only haarlem --no-xz --out /out \
 && mv /out/aarch64-unknown-linux-gnu /built

FROM scratch AS prebuilt-amd64
COPY dist/x86_64-unknown-linux-gnu/haarlem dist/x86_64-unknown-linux-gnu/haarlem.licenses.txt dist/x86_64-unknown-linux-gnu/build.json dist/x86_64-unknown-linux-gnu/SHA256SUMS /built/

FROM scratch AS prebuilt-arm64
COPY dist/aarch64-unknown-linux-gnu/haarlem dist/aarch64-unknown-linux-gnu/haarlem.licenses.txt dist/aarch64-unknown-linux-gnu/build.json dist/aarch64-unknown-linux-gnu/SHA256SUMS /built/

FROM ${PROGRAMS}-${TARGETARCH} AS programs

# From Debian, an image contains only the libraries that the programs are linked with.
FROM ${DEBIAN} AS debian
RUN apt-get update \
 && DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends ca-certificates libgcc-s1
COPY deploy/containers/collect /usr/local/bin/

FROM debian AS ffmpeg
RUN DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends ffmpeg
RUN collect /image /usr/bin/ffmpeg

FROM debian AS haarlem
ARG HAARLEM_BUILD_VERSION
COPY --from=programs /built/ /built/
# An executable of another version must not get this version's label.
RUN cd /built && grep -E '  (haarlem|haarlem.licenses.txt|build.json)$' SHA256SUMS | sha256sum --check --quiet --strict \
 && { [ -z "$HAARLEM_BUILD_VERSION" ] || grep -qF "\"version\": \"$HAARLEM_BUILD_VERSION\"" build.json || { \
      printf 'the executable in dist/ is not of version "%s":\n%s\nTry: run deno task build\n' "$HAARLEM_BUILD_VERSION" "$(cat build.json)"; exit 1; }; } \
 && install -m 755 haarlem /usr/bin/haarlem
COPY deploy/deb/copyright /usr/share/doc/haarlem/
RUN collect /image /usr/bin/haarlem \
 && collect --notes /image ca-certificates base-files \
 && install -D -m 644 /built/haarlem.licenses.txt /usr/share/doc/haarlem/copyright -t /image/usr/share/doc/haarlem \
 && cp /etc/nsswitch.conf /image/etc/ \
 && mkdir -p /image/etc/ssl/certs && cp -L /etc/ssl/certs/ca-certificates.crt /image/etc/ssl/certs/ \
 && echo 'haarlem:x:10001:10001::/state:/nonexistent' >/image/etc/passwd \
 && echo 'haarlem:x:10001:' >/image/etc/group \
 && install -d -m 1777 /image/tmp \
 && install -d -o 10001 -g 10001 -m 700 /image/state

FROM scratch AS cloud
ARG HAARLEM_BUILD_VERSION
ARG HAARLEM_COMMIT
LABEL org.opencontainers.image.title=haarlem org.opencontainers.image.licenses=MIT \
  org.opencontainers.image.version=$HAARLEM_BUILD_VERSION org.opencontainers.image.revision=$HAARLEM_COMMIT
COPY --from=haarlem /image/ /
ENV PATH=/usr/bin HOME=/state HAARLEM_STATE=/state HAARLEM_HEALTH=127.0.0.1:9100
# By number: with a name, Kubernetes cannot check runAsNonRoot.
USER 10001:10001
WORKDIR /state
VOLUME ["/state"]
ENTRYPOINT ["/usr/bin/haarlem"]
CMD ["--help"]
# --probe works the same in each program; the logger starts fastest.
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s --retries=3 \
  CMD ["/usr/bin/haarlem", "logger", "--probe", "http://127.0.0.1:9100/healthz"]

FROM cloud AS board
COPY --from=ffmpeg /image/ /
