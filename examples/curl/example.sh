#!/bin/sh
# Sends events to Coalition over HTTP, and asks what became of them: curl alone, no Kafka.
set -eu
membership=${COALITION_MEMBERSHIP_URL:-http://127.0.0.1:8101}
token=${COALITION_TOKEN:-$(cat "${COALITION_TOKEN_FILE:-.coalition/token}")}
run="example-$(date +%s)-$$"
source="urn:$run"

# Sends an event, waits up to 20 s for its outcome, and prints the answer.
send() { # ID NAME DATA
  curl -sS "$membership/events" \
    -H "Authorization: Bearer $token" -H 'Content-Type: application/cloudevents+json' -H 'Prefer: wait=20' \
    -d "{\"specversion\": \"1.0\", \"id\": \"$1\", \"source\": \"$source\", \"partitionkey\": \"$run\",
         \"type\": \"coalition.membership.$2.v1\", \"data\": $3}"
}

# The value of a field of JSON; a program of yours reads it with a library.
field() { sed -n "s/.*\"$1\": *\"\([^\"]*\)\".*/\1/p" | head -n 1; }

member="{\"name\": \"$run\", \"country\": \"DE\", \"kind\": \"city\"}"
signed="{\"coalition\": \"$run\", \"member\": $member, \"signed\": \"2016-05\"}"

echo "$(send 1 CoalitionFounded "{\"coalition\": \"$run\", \"name\": \"An example\"}" | field outcome)   1 CoalitionFounded"
echo "$(send 2 CitySigned "$signed" | field outcome)   2 CitySigned"

# As after a crash of ours: the same again. Its outcome is the one that it had.
send 2 CitySigned "$signed" >/dev/null
outcomes=$(curl -sS "$membership/events/$(printf %s "$source" | sed 's/:/%3A/g')/2")
if [ "$(printf %s "$outcomes" | grep -o '"outcome"' | wc -l)" -eq 1 ]; then
  echo 'duplicate  2 was published once'
fi

answer=$(send 3 CitySigned "{\"coalition\": \"$run\", \"member\": $member}")
echo "rejected   3 $(printf %s "$answer" | field code): $(printf %s "$answer" | field detail)"
