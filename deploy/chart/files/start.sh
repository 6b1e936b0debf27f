#!/bin/bash
# Starts MongoDB as a replica set of one. What follows are further options of mongod.
set -euo pipefail

# It wants 64,000 open files, and Docker often gives 1,024. Raised here and not by `ulimits`:
# with these, a Docker that may not open as many itself would start no container at all.
ulimit -Sn 64000 2>/dev/null || ulimit -Sn "$(ulimit -Hn)"

# On SIGTERM a primary looks 15 s for another one to take over: a set of one has none.
exec docker-entrypoint.sh mongod --replSet rs0 --bind_ip_all \
  --setParameter shutdownTimeoutMillisForSignaledShutdown=100 "$@"
