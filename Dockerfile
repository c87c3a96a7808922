# One multi-stage build, one small image per executable: docker build --target identity .
# The images hold the executable and the five C libraries it needs, and run as an ordinary user.

FROM swift:6.3-bookworm AS build
RUN apt-get update \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
      libprotobuf-c-dev libnghttp2-dev libssl-dev zlib1g-dev libsqlite3-dev pkg-config \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY . .
RUN swift build -c release --static-swift-stdlib --explicit-target-dependency-import-check error \
 && mkdir /out \
 && for name in identity catalog settlement audit connector ndx; do \
      install -s ".build/release/$name" "/out/$name"; done

FROM debian:bookworm-slim AS runtime
RUN apt-get update \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
      libprotobuf-c1 libnghttp2-14 libssl3 zlib1g libsqlite3-0 libstdc++6 \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 10001 --home-dir /var/lib/ndx --create-home ndx \
 && for name in identity catalog settlement audit connector; do \
      install -d -o ndx -g ndx -m 0700 "/var/lib/ndx/$name"; done \
 && install -d -o ndx -g ndx -m 0700 /var/lib/ndx/exchange /var/lib/ndx/exchange/services /var/lib/ndx/enrolment \
 && for name in catalog settlement settlement-p2 audit; do \
      install -d -o ndx -g ndx -m 0700 "/var/lib/ndx/exchange/services/$name"; done
USER ndx
WORKDIR /var/lib/ndx

FROM runtime AS identity
COPY --from=build /out/identity /usr/local/bin/identity
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s CMD ["identity", "healthcheck"]
ENTRYPOINT ["identity"]

FROM runtime AS catalog
COPY --from=build /out/catalog /usr/local/bin/catalog
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s CMD ["catalog", "healthcheck"]
ENTRYPOINT ["catalog"]

FROM runtime AS settlement
COPY --from=build /out/settlement /usr/local/bin/settlement
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s CMD ["settlement", "healthcheck"]
ENTRYPOINT ["settlement"]

FROM runtime AS audit
COPY --from=build /out/audit /usr/local/bin/audit
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s CMD ["audit", "healthcheck"]
ENTRYPOINT ["audit"]

FROM runtime AS connector
COPY --from=build /out/connector /usr/local/bin/connector
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s CMD ["connector", "healthcheck"]
ENTRYPOINT ["connector"]

FROM runtime AS ndx
COPY --from=build /out/ndx /usr/local/bin/ndx
ENTRYPOINT ["ndx"]
