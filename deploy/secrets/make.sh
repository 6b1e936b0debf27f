#!/bin/bash
# Makes what must be secret, once, on the first start: what is there is never touched
# again. A folder per reader, which that reader alone (by its user id) can open:
#
#   mongodb/        keyfile, root, membership, plans, notifications, backup, restore   (passwords)
#   kafka/          admin   (a password)
#   membership/     mongodb (a connection string), kafka (a password), token
#   plans/          the same
#   notifications/  the same, and link-keys (sign the links in e-mails)
#   operator/       kafka, token, mongodb (of a user that only reads)
#   access/         mongodb (of a user that restores), admin, and a password for each user of Kafka, by its name; those of publishers
#                   are made by its reader itself (`coalition acls --make-passwords`)
set -euo pipefail
umask 077
cd "${1:?the folder to keep them in}"

declare -rA owner=([mongodb]=999 [kafka]=1000 [membership]=10001 [plans]=10002 [notifications]=10003 [access]=10004 [operator]=10005)
readonly prefix=${COALITION_PREFIX:-coalition}

random() { head -c 32 /dev/urandom | od -An -v -tx1 | tr -d ' \n'; }
uri() {
  printf 'mongodb://%s:%s@mongodb:27017/coalition_%s?authSource=admin&replicaSet=rs0' \
    "$1" "$(<"mongodb/$1")" "$1"
}
all() { # of which user: to all databases
  printf 'mongodb://%s:%s@mongodb:27017/?authSource=admin&replicaSet=rs0' "$1" "$(<"mongodb/$1")"
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
keep operator/token cat membership/token
keep operator/kafka random
keep "access/$prefix.operator" cat operator/kafka
keep kafka/admin random
keep access/admin cat kafka/admin
for service in membership plans notifications; do
  keep "mongodb/$service" random
  keep "$service/token" cat membership/token
  keep "$service/mongodb" uri "$service"
  keep "$service/kafka" random
  keep "access/$prefix.$service" cat "$service/kafka"
done

keep notifications/link-keys random

keep mongodb/backup random
keep operator/mongodb all backup
keep mongodb/restore random
keep access/mongodb all restore

for reader in "${!owner[@]}"; do
  find "$reader" -type f -exec chmod 0400 {} +
  chmod 0500 "$reader"
  chown -R "${owner[$reader]}:${owner[$reader]}" "$reader"
done
chmod 0700 access
chmod 0711 .
echo "the secrets are in place"
