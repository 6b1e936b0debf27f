"""`helm test`: an event goes in over HTTP, and its e-mail comes out at the catcher; once."""

import os
import time
import uuid

import httpx

membership, notifications, mail = (os.environ[n] for n in ("MEMBERSHIP", "NOTIFICATIONS", "MAIL"))
headers = {"Authorization": f"Bearer {os.environ['TOKEN']}"}
mark = uuid.uuid4().hex[:8]
coalition = f"trial-{mark}"
name = f"Trial {mark}"


def say(type_: str, data: dict[str, object]) -> None:
    """Publish an event, wait for its outcome, and say it again: the same comes of it."""
    event = {
        "specversion": "1.0",
        "id": f"{type_}-{mark}",
        "source": "urn:helm-test",
        "type": f"coalition.membership.{type_}.v1",
        "data": data,
    }
    more = {**headers, "Prefer": "wait=20", "Content-Type": "application/cloudevents+json"}
    for _ in range(2):
        answer = httpx.post(f"{membership}/events", json=event, headers=more, timeout=30)
        assert answer.status_code == 200, (type_, answer.status_code, answer.text)


rules = [{"coalitions": [coalition], "how": "at once"}, {"how": "never"}]
person = {"name": "Trial", "address": f"{mark}@example.org", "role": "observer", "rules": rules}
say("CoalitionFounded", {"coalition": coalition, "name": name, "founded": "2004"})
deadline = time.monotonic() + 90
while True:  # until notifications has read of the coalition
    answer = httpx.post(f"{notifications}/subscriptions", json=person, headers=headers, timeout=30)
    if answer.status_code in {201, 409} or time.monotonic() > deadline:
        break
    time.sleep(1)
assert answer.status_code in {201, 409}, answer.text
city = {"name": f"Town {mark}", "country": "DE", "kind": "city"}
today = time.strftime("%Y-%m-%d", time.gmtime())
say("CitySigned", {"coalition": coalition, "member": city, "signed": today})

deadline = time.monotonic() + 90
while time.monotonic() < deadline:
    found = httpx.get(f"{mail}/api/v1/search", params={"query": f"to:{mark}@example.org"}).json()
    if found["messages_count"] > 1:  # the welcome, and what happened
        break
    time.sleep(1)
subjects = [message["Subject"] for message in found["messages"]]
subjects = [subject for subject in subjects if not subject.startswith("Welcome")]
assert len(subjects) == 1, subjects
print(f"an event in, one e-mail out: {subjects[0]}")
