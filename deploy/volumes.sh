#!/bin/bash
# The volumes of this project of Compose, whatever its name, while nothing uses them. Begin with the
# folder in which they are mounted, then:
#
#   save           writes all that they hold to standard output, as one archive
#   load           reads it from standard input, into volumes that hold nothing
#   clear VOLUME   takes away all that one of them holds
set -euo pipefail
umask 077
cd "${1:?the folder with the volumes}"

holds() { [ -n "$(find "$1" -mindepth 1 -print -quit)" ]; }
end() {
  echo "$1" >&2
  exit 1
}

case "${2-}" in
  save)
    for volume in kafka mongodb secrets; do
      holds "$volume" || end "nothing is saved: the volume $volume of this project is empty; is it another project's?"
    done
    du --human-readable --summarize -- * >&2
    tar --numeric-owner --create --gzip -- *
    ;;
  load)
    for volume in *; do
      ! holds "$volume" || end "nothing is loaded: the volume $volume holds something (docker compose down --volumes)"
    done
    tar --numeric-owner --extract --preserve-permissions --gzip
    du --human-readable --summarize -- * >&2
    ;;
  clear)
    for volume in *; do
      [ "$volume" != "${3-}" ] || { find "./$volume" -xdev -mindepth 1 -delete && exit; }
    done
    end "nothing is cleared: '${3-}' is none of $(echo *)"
    ;;
  *) end "save, load or clear VOLUME" ;;
esac
