"""What Kafka's offsets and a store may say of each other, and what must not be passed over."""

from __future__ import annotations

from typing import Final

import pytest
from aiokafka import TopicPartition
from hypothesis import given
from hypothesis import strategies as st

from shared.pipeline.standings import Standing, examine, topics_differ

OURS: Final = "ours"
TP: Final = TopicPartition("coalition.plans.inbox.v1", 0)


def standing(
    committed: int | None = None,
    owner: str = "",
    expected: int | None = None,
    begin: int = 0,
    end: int = 100,
) -> Standing:
    return Standing(committed, owner, expected, begin, end)


@pytest.mark.parametrize(
    ("found", "is_empty"),
    [
        pytest.param(standing(), True, id="a new store on new topics"),
        pytest.param(standing(begin=20), True, id="a new store on topics that lost their begin"),
        pytest.param(standing(60, OURS, 60), False, id="all that was read is committed"),
        pytest.param(standing(50, OURS, 60), False, id="killed between the store and Kafka"),
        pytest.param(standing(0, "", 60), False, id="offsets set to zero by an operator"),
        pytest.param(standing(0, "", 60, begin=20), False, id="set to zero, which is gone"),
        pytest.param(standing(None, "", 60), False, id="offsets that Kafka has let expire"),
        pytest.param(standing(60), False, id="offsets from before stores kept any"),
        pytest.param(standing(0), True, id="a group that has not begun"),
        pytest.param(standing(0, OURS, None), True, id="claimed, and the store not yet told"),
    ],
)
def test_what_passes_over_nothing_is_read(found: Standing, *, is_empty: bool) -> None:
    assert examine({TP: found}, OURS, is_empty=is_empty) is None


@pytest.mark.parametrize(
    ("found", "is_empty", "code"),
    [
        pytest.param(standing(60, "theirs"), True, "other-installation", id="another's group"),
        pytest.param(standing(0, "theirs", 60), False, "other-installation", id="taken over"),
        pytest.param(standing(100, OURS, 60), False, "store-behind", id="a restored store"),
        pytest.param(standing(100, "", 60), False, "store-behind", id="moved on by another tool"),
        pytest.param(standing(100), True, "store-behind", id="an empty store"),
        pytest.param(standing(100, OURS), False, "store-behind", id="a store without its offsets"),
        pytest.param(standing(10, OURS, 10, begin=20), False, "records-deleted", id="unread"),
        pytest.param(standing(10, "", None, begin=20), False, "records-deleted", id="before ids"),
        pytest.param(standing(None, "", 10, begin=20), False, "records-deleted", id="expired"),
        pytest.param(standing(60, OURS, 60, end=5), False, "topic-replaced", id="made anew"),
        pytest.param(standing(None, "", 60, end=5), False, "topic-replaced", id="and unread"),
        pytest.param(standing(60, "", None, end=5), False, "topic-replaced", id="before ids too"),
    ],
)
def test_what_would_be_passed_over_halts(found: Standing, code: str, *, is_empty: bool) -> None:
    fine = TopicPartition(TP.topic, 1)
    found_out = examine({fine: standing(7, OURS, 7), TP: found}, OURS, is_empty=is_empty)
    assert found_out
    assert found_out.code == code
    assert "coalition consumer skip-unread SERVICE" in found_out.remedy
    if code != "other-installation":
        assert f"{TP.topic}/0" in found_out.reason
        assert f"{TP.topic}/1" not in found_out.reason


def test_a_reason_names_some_partitions_and_counts_the_others() -> None:
    many = {TopicPartition("t", n): standing(100, OURS, 60) for n in range(50)}
    found = examine(many, OURS, is_empty=False)
    assert found
    assert "and 47 more partitions" in found.reason
    assert len(found.reason) < 600


def test_where_an_operator_lets_it_go_on() -> None:
    restored = standing(100, OURS, 60)
    assert (restored.reread, restored.skip_unread) == (60, 100)
    deleted = standing(10, OURS, 10, begin=20)
    assert (deleted.reread, deleted.skip_unread) == (20, 20)
    replaced = standing(60, OURS, 60, end=5)
    assert (replaced.reread, replaced.skip_unread) == (0, 0)
    made_anew_and_longer = standing(None, "", 60)
    assert (made_anew_and_longer.reread, made_anew_and_longer.skip_unread) == (0, 0)
    made_anew_and_read = standing(50, OURS, 60)
    assert (made_anew_and_read.reread, made_anew_and_read.skip_unread) == (50, 50)
    emptied = standing(100, "theirs")
    assert (emptied.reread, emptied.skip_unread) == (0, 100)


offsets = st.integers(0, 12)


@given(
    committed=st.none() | offsets,
    owner=st.sampled_from(["", OURS, "theirs"]),
    expected=st.none() | offsets,
    begin=offsets,
    length=offsets,
    is_empty=st.booleans(),
)
def test_whoever_may_read_passes_over_no_record_that_the_store_has_not_read(  # noqa: PLR0913 - all that is said of a partition
    *,
    committed: int | None,
    owner: str,
    expected: int | None,
    begin: int,
    length: int,
    is_empty: bool,
) -> None:
    found = Standing(committed, owner, expected, begin, begin + length)
    if examine({TP: found}, OURS, is_empty=is_empty):
        return
    ours_from_before = expected is None and not is_empty and not owner
    read = expected if expected is not None else (committed or 0) if ours_from_before else begin
    assert found.skip_unread <= max(read, begin)
    assert begin <= read or found.unread is None


def test_topics_that_are_as_they_must_be_are_no_finding() -> None:
    assert topics_differ([]) is None
    found = topics_differ(["t has 1 partitions, not 3"])
    assert found
    assert (found.code, found.reason) == ("topic-settings", "t has 1 partitions, not 3")
