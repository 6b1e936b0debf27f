"""Whether an event means the member that its id leads to, or another of a like name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.domain.decider import Refused

if TYPE_CHECKING:
    from collections.abc import Iterable

    from shared.contracts.base import MemberRef


def refuse_another(ref: MemberRef, recorded: MemberRef, names: Iterable[str | None] = ()) -> None:
    """Refuse a reference that means another than the member that is recorded under its id.

    Args:
        ref: as the event gives it.
        recorded: the member's reference.
        names: what it was called besides.

    Raises:
        Refused: the two names only share a transliteration, or the country or the qualifiers are
            not the same.
    """
    if not ref.may_be((recorded.name, recorded.local_name, *names)):
        raise Refused(
            f"{ref.own_name!r} is transliterated as {recorded.own_name!r} is, whose id"
            f" {recorded.key!r} is: if they are two, give {ref.own_name!r} a qualifier (such as"
            " DE-NW, Q2742 or geonames:2867543) or an id of its own; if they are one, give the"
            " id without the name"
        )
    if ref.country != recorded.country and ref.country and recorded.country and not ref.is_claimed:
        raise Refused(
            f"{recorded.key!r} is in {recorded.country} by the record, not in {ref.country}: if it"
            " is meant, give its id without the name; if it is another, give that a qualifier or an"
            " id of its own"
        )
    if ref.is_claimed and ref.qualifier and ref.qualifier != recorded.qualifier:
        has = f"the qualifier {recorded.qualifier}" if recorded.qualifier else "no qualifier"
        raise Refused(
            f"{recorded.key!r} has {has} here, not {ref.qualifier}: another city has another id;"
            " MemberDescribed sets the qualifier of this one"
        )


def refuse_mixed(refs: Iterable[MemberRef]) -> None:
    """Refuse two references of one event that have the same id by transliteration alone.

    Raises:
        Refused: there are such two.
    """
    first: dict[str, MemberRef] = {}
    for ref in refs:
        refuse_another(ref, first.setdefault(ref.key, ref))
