#!/bin/bash
# Makes what must be secret, once, on the first start: what is there is never touched
# again. A folder per reader, which that reader alone (by its user id) can open:
#
#   mongodb/        keyfile, root, membership, plans, notifications   (passwords)
#   membership/     mongodb (a connection string), token
#   plans/          the same
#   notifications/  the same
set -euo pipefail
umask 077
cd "${1:?the folder to keep them in}"

declare -rA owner=([mongodb]=999 [membership]=10001 [plans]=10002 [notifications]=10003)

random() { head -c 32 /dev/urandom | od -An -v -tx1 | tr -d ' \n'; }
uri() {
  printf 'mongodb://%s:%s@mongodb:27017/coalition_%s?authSource=admin&replicaSet=rs0' \
    "$1" "$(<"mongodb/$1")" "$1"
}

keep() { # FILE COMMAND...: what the command prints, in the file whole, if it is not there yet
  if [ -s "$1" ]; then return; fi
  local content
  content=$("${@:2}")
  printf %s "$content" >"$1.new"
  sync "$1.new"
  mv "$1.new" "$1"
  echo "made $1"
}

mkdir -p "${!owner[@]}"
keep mongodb/keyfile random
keep mongodb/root random
keep membership/token random
for service in membership plans notifications; do
  keep "mongodb/$service" random
  keep "$service/token" cat membership/token
  keep "$service/mongodb" uri "$service"
done

for reader in "${!owner[@]}"; do
  find "$reader" -type f -exec chmod 0400 {} +
  chmod 0500 "$reader"
  chown -R "${owner[$reader]}:${owner[$reader]}" "$reader"
done
chmod 0711 .
echo "the secrets are in place"
