"""What Kafka lets whom do: compared with the table of rights, and brought in line with it.

aiokafka cannot administrate users, so this is librdkafka's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from confluent_kafka import KafkaError, KafkaException, TopicCollection
from confluent_kafka.admin import (
    AclBinding,
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    AdminClient,
    ResourcePatternType,
    ResourceType,
    ScramCredentialInfo,
    ScramMechanism,
    UserScramCredentialDeletion,
    UserScramCredentialUpsertion,
)

from shared.kafka.rights import ANYBODY, Right

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from shared.kafka.connection import Connection
    from shared.kafka.rights import Rights

_SECONDS: Final = 30
_ITERATIONS: Final = 8192
_KINDS: Final = {
    "topic": ResourceType.TOPIC,
    "group": ResourceType.GROUP,
    "transactional-id": ResourceType.TRANSACTIONAL_ID,
}
_OPERATIONS: Final = {
    "Read": AclOperation.READ,
    "Write": AclOperation.WRITE,
    "Describe": AclOperation.DESCRIBE,
    "DescribeConfigs": AclOperation.DESCRIBE_CONFIGS,
}
_NOT_SEEN: Final = {KafkaError.TOPIC_AUTHORIZATION_FAILED, KafkaError.GROUP_AUTHORIZATION_FAILED}
_USER: Final = "User:"
_NO_ADMINISTRATOR: Final = (
    "Kafka lets this user neither see nor change users and rights: set COALITION_KAFKA_USERNAME "
    "and COALITION_KAFKA_PASSWORD of an administrator of Kafka"
)


class NotApplied(Exception):
    """Kafka did not do what it was asked for; the message says why."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What was done.

    Attributes:
        granted: ACLs that were not there.
        withdrawn: ACLs of this installation that the table does not have.
        users: who has a new secret.
        removed: users of this installation that the table does not have.
        without: users who cannot log in, since nobody gave a secret for them.
    """

    granted: int
    withdrawn: int
    users: list[str]
    removed: list[str]
    without: list[str]


class Access:
    """Brings Kafka in line with a table; what is not of this installation is left alone.

    Raises:
        NotApplied: Kafka does not answer, or does not allow it.
    """

    def __init__(self, rights: Rights) -> None:
        self._rights = rights
        self._admin = AdminClient({**rights.kafka.librdkafka(), "log_level": 0})

    def apply(self, passwords: Mapping[str, str]) -> Changes:
        """Grant and withdraw, and give users their secrets; again, it changes nothing.

        Args:
            passwords: the secrets by user.
        """
        self._check_administrator()
        wanted, there = set(map(_binding, self._rights.table())), self._acls()
        users = self._users()
        lost = sorted(users - set(self._rights.users))
        given = [user for user in self._rights.users if user in passwords]
        self._set_passwords({user: passwords[user] for user in given}, lost)
        self._grant(wanted - there)
        self._withdraw(there - wanted)
        return Changes(
            granted=len(wanted - there),
            withdrawn=len(there - wanted),
            users=given,
            removed=lost,
            without=[user for user in self._rights.users if user not in {*given, *users}],
        )

    def _check_administrator(self) -> None:
        """See that all else is allowed, before it is asked.

        Refused, confluent-kafka 2.16 shows no ACLs in the place of an error, and dies of the one
        for the users.
        """
        cluster = _done(self._admin.describe_cluster(include_authorized_operations=True))
        allowed = set(cluster.authorized_operations or ())
        if not {AclOperation.ALTER, AclOperation.DESCRIBE} <= allowed:
            raise NotApplied(_NO_ADMINISTRATOR)

    def _acls(self) -> set[AclBinding]:
        """The ACLs of this installation's users, and of anybody on its topics."""
        anything: Any = None  # its types do not say that it may be left open
        every = AclBindingFilter(
            ResourceType.ANY,
            anything,
            ResourcePatternType.ANY,
            anything,
            anything,
            AclOperation.ANY,
            AclPermissionType.ANY,
        )
        return {acl for acl in _done(self._admin.describe_acls(every)) if self._is_ours(acl)}

    def _is_ours(self, acl: AclBinding) -> bool:
        ours = f"{self._rights.kafka.prefix}."
        if acl.principal == _USER + ANYBODY:
            return str(acl.name).startswith(ours)
        return str(acl.principal).startswith(_USER + ours)

    def _users(self) -> set[str]:
        """The users of this installation that can log in."""
        found = _done(self._admin.describe_user_scram_credentials())
        return {user for user in found if user.startswith(f"{self._rights.kafka.prefix}.")}

    def _set_passwords(self, passwords: Mapping[str, str], lost: Iterable[str]) -> None:
        info = ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, _ITERATIONS)
        changes = [
            *(
                UserScramCredentialUpsertion(user, info, secret.encode())
                for user, secret in passwords.items()
            ),
            *(UserScramCredentialDeletion(user, ScramMechanism.SCRAM_SHA_512) for user in lost),
        ]
        if changes:
            _all_done(self._admin.alter_user_scram_credentials(changes))

    def _grant(self, bindings: set[AclBinding]) -> None:
        if bindings:
            _all_done(self._admin.create_acls(list(bindings)))

    def _withdraw(self, bindings: set[AclBinding]) -> None:
        filters = [
            AclBindingFilter(
                one.restype,
                one.name,
                one.resource_pattern_type,
                one.principal,
                one.host,
                one.operation,
                one.permission_type,
            )
            for one in bindings
        ]
        if filters:
            _all_done(self._admin.delete_acls(filters))


def lacking(kafka: Connection, wanted: Sequence[Right]) -> list[Right]:
    """Which rights whoever logs in does not have, as Kafka tells everybody of themselves.

    Raises:
        NotApplied: Kafka does not say.
    """
    admin = AdminClient({**kafka.librdkafka(), "log_level": 0})
    names = {kind: sorted({one.name for one in wanted if one.kind == kind}) for kind in _KINDS}
    allowed = _topics_allowed(admin, names["topic"]) | _groups_allowed(admin, names["group"])
    return [
        one
        for one in wanted
        if (one.kind, one.name) in allowed
        and _OPERATIONS[one.operation] not in allowed[one.kind, one.name]
    ]


Allowed = dict[tuple[str, str], set[AclOperation]]


def _topics_allowed(admin: AdminClient, names: Sequence[str]) -> Allowed:
    asked = admin.describe_topics(
        TopicCollection([*names]), include_authorized_operations=True, request_timeout=_SECONDS
    )
    return _allowed("topic", asked)


def _groups_allowed(admin: AdminClient, names: Sequence[str]) -> Allowed:
    if not names:
        return {}
    asked = admin.describe_consumer_groups(
        [*names], include_authorized_operations=True, request_timeout=_SECONDS
    )
    return _allowed("group", asked)


def _allowed(kind: str, asked: Mapping[str, Any]) -> Allowed:
    """What may be done: nothing with what may not be seen, no word of what is not there."""
    found: Allowed = {}
    for name, future in asked.items():
        try:
            found[kind, name] = set(future.result(_SECONDS).authorized_operations or ())
        except KafkaException as error:
            if error.args[0].code() in _NOT_SEEN:
                found[kind, name] = set()
            elif error.args[0].code() != KafkaError.UNKNOWN_TOPIC_OR_PART:
                raise NotApplied(error.args[0].str()) from None
        except TimeoutError:
            raise NotApplied(f"Kafka gave no answer in {_SECONDS} s") from None
    return found


def _binding(right: Right) -> AclBinding:
    return AclBinding(
        _KINDS[right.kind],
        right.name,
        ResourcePatternType.PREFIXED if right.prefixed else ResourcePatternType.LITERAL,
        _USER + right.principal,
        "*",
        _OPERATIONS[right.operation],
        AclPermissionType.ALLOW,
    )


def _all_done(futures: Mapping[Any, Any]) -> None:
    for future in futures.values():
        _done(future)


def _done(future: Any) -> Any:  # noqa: ANN401 - whatever Kafka answers
    try:
        return future.result(_SECONDS)
    except KafkaException as error:
        raise NotApplied(error.args[0].str()) from None
    except TimeoutError:
        raise NotApplied(f"Kafka gave no answer in {_SECONDS} s") from None
