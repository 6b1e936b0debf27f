#!/bin/bash
# The health check in Compose: once after each start it gives `admin` the secret of its file, and
# is content when that is done and the broker lives (healthy.sh). Whatever interrupts it, the next
# check does it again.
#
# PORT is the listener that only this container reaches. Whoever is there has no name and may do
# everything, so the first user needs none before it; all others log in, at other listeners.
set -euo pipefail
port=${1:?the port of the listener within the container}

bash "${BASH_SOURCE%/*}/healthy.sh" "$port"

secret=$(</run/secrets/coalition/kafka/admin)
[ -n "$secret" ] || { echo "the secret of admin is empty" >&2; exit 1; }
done_for=/tmp/admin.sha256
digest=$(printf %s "$secret" | sha256sum)
if [ -e "$done_for" ] && [ "$(<"$done_for")" = "$digest" ]; then exit; fi

# In a file, since arguments are anybody's to see.
KAFKA_HEAP_OPTS=-Xmx128m timeout 50 /opt/kafka/bin/kafka-configs.sh \
  --bootstrap-server "localhost:$port" --alter --entity-type users --entity-name admin \
  --add-config-file <(printf 'SCRAM-SHA-512=iterations=8192,password=%s\n' "$secret")
printf %s "$digest" >"$done_for"
