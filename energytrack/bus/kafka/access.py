"""Users and rights on the broker, through kafka-python: the administrator's part of the bus.

The library is untyped; none of its types leave this module.
"""

from collections.abc import Iterable, Mapping, Sequence
from types import TracebackType
from typing import Any, Final, Literal, Self

from kafka.admin import (
    ACL,
    ACLFilter,
    ACLOperation,
    ACLPermissionType,
    ACLResourcePatternType,
    ResourcePattern,
    ResourcePatternFilter,
    ResourceType,
    ScramMechanism,
    UserScramCredentialDeletion,
    UserScramCredentialUpsertion,
)
from kafka.errors import ClusterAuthorizationFailedError, KafkaError, SecurityDisabledError, for_code
from kafka.protocol.admin import AlterClientQuotasRequest

from energytrack.bus.kafka.client import KafkaBus
from energytrack.bus.kafka.source import sentence
from energytrack.bus.refusals import ADVICE
from energytrack.errors import AccessRefused
from energytrack.security.quotas import UNLIMITED, UserQuota
from energytrack.security.rights import Permission
from energytrack.settings import KafkaSettings

MECHANISM: Final = ScramMechanism.SCRAM_SHA_512
KINDS: Final = {"topic": ResourceType.TOPIC, "group": ResourceType.GROUP}
OPERATIONS: Final = {
    "read": ACLOperation.READ,
    "write": ACLOperation.WRITE,
    "create": ACLOperation.CREATE,
    "describe_configs": ACLOperation.DESCRIBE_CONFIGS,
}
PRINCIPAL: Final = "User:"


class BrokerUsers:
    """The broker's users, each with a password and permissions. All methods can be repeated."""

    def __init__(self, settings: KafkaSettings) -> None:
        """Connects at once, waiting for a broker."""
        self._settings = settings
        self._admin = KafkaBus(settings, "access").admin()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._admin.close()

    def users(self) -> frozenset[str]:
        """All users with a password."""
        try:
            return frozenset(self._admin.describe_user_scram_credentials())
        except KafkaError as error:
            raise self._refused(error) from error

    def set_passwords(self, passwords: Mapping[str, str]) -> None:
        """Create users, or replace their passwords; existing connections stay open."""
        self._alter([UserScramCredentialUpsertion(user, MECHANISM, text) for user, text in passwords.items()])

    def set_permissions(self, wanted: Mapping[str, frozenset[Permission]]) -> None:
        """Give each of these users its permissions and no others: new ones first, then old ones are removed."""
        try:
            existing, _ = self._admin.describe_acls(_all_of(None))
            held = {acl for acl in existing if acl.principal.removeprefix(PRINCIPAL) in wanted}
            due = {_acl(user, each) for user, permissions in wanted.items() for each in permissions}
            failed = self._admin.create_acls(list(due - held))["failed"] if due - held else []
            if failed:
                raise failed[0]
            if held - due:
                self._admin.delete_acls([_exactly(acl) for acl in held - due])
        except KafkaError as error:
            raise self._refused(error) from error

    def set_quotas(self, each: UserQuota, connections_per_second: float, *, unlimited: Iterable[str]) -> None:
        """Limit every user but the `unlimited`, and how many connections an address opens; takes effect at once."""
        entries = [_entry("user", user, _quota(UNLIMITED)) for user in sorted(unlimited)]
        entries.append(_entry("user", None, _quota(each)))
        entries.append(_entry("ip", None, {"connection_creation_rate": connections_per_second}))
        network = self._admin._manager  # noqa: SLF001  # the library knows the request, but has no method for it
        try:
            response = network.run(network.send, AlterClientQuotasRequest(entries=entries, validate_only=False))
            for entry in response.entries:
                if entry.error_code:
                    raise for_code(entry.error_code)(entry.error_message)
        except KafkaError as error:
            raise self._refused(error) from error

    def remove(self, users: Iterable[str]) -> None:
        """Remove users: they can no longer sign in, and those still connected may no longer do anything."""
        gone = sorted(set(users) & self.users())
        try:
            if gone:
                self._admin.delete_acls([_all_of(user) for user in gone])
        except KafkaError as error:
            raise self._refused(error) from error
        self._alter([UserScramCredentialDeletion(user, MECHANISM) for user in gone])

    def _alter(self, changes: Sequence[Any]) -> None:
        try:
            results = self._admin.alter_user_scram_credentials(list(changes)) if changes else {}
        except KafkaError as error:
            raise self._refused(error) from error
        for user, problem in results.items():
            if problem:
                if "needs ALTER permission" in problem:
                    raise self._refused(ClusterAuthorizationFailedError())
                raise AccessRefused(self._settings.servers, f"the user {user!r} cannot be changed: {problem}")

    def _refused(self, error: KafkaError) -> AccessRefused:
        servers, user = self._settings.servers, self._settings.username
        if isinstance(error, SecurityDisabledError):
            return AccessRefused(servers, "it has no access control: its setting authorizer.class.name is missing")
        if isinstance(error, ClusterAuthorizationFailedError):
            return AccessRefused(servers, f"the user {user!r} may not change users and rights; {ADVICE}")
        return AccessRefused(servers, sentence(error))


def _acl(user: str, permission: Permission) -> Any:
    exactness = ACLResourcePatternType.PREFIXED if permission.is_prefix else ACLResourcePatternType.LITERAL
    return ACL(
        principal=PRINCIPAL + user,
        host="*",
        operation=OPERATIONS[permission.operation],
        permission_type=ACLPermissionType.ALLOW,
        resource_pattern=ResourcePattern(KINDS[permission.kind], permission.name, exactness),
    )


def _quota(quota: UserQuota) -> dict[str, float]:
    """In the broker's own words."""
    return {
        "producer_byte_rate": quota.bytes_per_second,
        "consumer_byte_rate": quota.bytes_per_second,
        "request_percentage": quota.processor_percent,
    }


def _entry(kind: Literal["user", "ip"], name: str | None, quotas: Mapping[str, float]) -> Any:
    """A change of quotas; without a name, for all of its kind that have none of their own."""
    entry = AlterClientQuotasRequest.EntryData
    return entry(
        entity=[entry.EntityData(entity_type=kind, entity_name=name)],
        ops=[entry.OpData(key=key, value=float(value), remove=False) for key, value in quotas.items()],
    )


def _exactly(acl: Any) -> Any:
    return ACLFilter(acl.principal, acl.host, acl.operation, acl.permission_type, acl.resource_pattern)


def _all_of(user: str | None) -> Any:
    """A filter for all permissions and denials of a user; of everybody if it is None."""
    return ACLFilter(
        principal=None if user is None else PRINCIPAL + user,
        host=None,
        operation=ACLOperation.ANY,
        permission_type=ACLPermissionType.ANY,
        resource_pattern=ResourcePatternFilter(ResourceType.ANY, None, ACLResourcePatternType.ANY),
    )
