"""ElastiCache: who may enter a cache, and with which parameters it runs."""

from __future__ import annotations

from re import compile as pattern
from typing import Any

from moto.core.responses import ActionResult, EmptyResult
from moto.elasticache.exceptions import ElastiCacheException, UserNotFound
from moto.elasticache.models import ElastiCacheBackend, User
from moto.elasticache.responses import ElastiCacheResponse

from lifeboat.local.embedded.gap import Gap

Settings = dict[str, Any]
TAGGED = pattern(
    r"^arn:[^:]+:elasticache:.*:[0-9]*:"
    r"(cluster|snapshot|subnetgroup|replicationgroup|user|usergroup|parametergroup):.*$"
)


def _refusal(code: str, message: str) -> ElastiCacheException:
    """Return an error of ElastiCache that moto does not know."""
    error = ElastiCacheException(message)
    error.code = code
    return error


def _keep(**containers: type) -> None:
    """Give every backend of ElastiCache further containers, each empty at first."""
    plain = ElastiCacheBackend.__init__

    def init(self: ElastiCacheBackend, region_name: str, account_id: str) -> None:
        plain(self, region_name, account_id)
        self.arn_regex = TAGGED
        for name, make in containers.items():
            setattr(self, name, make())

    ElastiCacheBackend.__init__ = init


def _arn(backend: ElastiCacheBackend, kind: str, name: str) -> str:
    return f"arn:aws:elasticache:{backend.region_name}:{backend.account_id}:{kind}:{name}"


def _users() -> None:
    plain_init, plain_delete = User.__init__, ElastiCacheBackend.delete_user

    def init(self: User, *args: object, **given: object) -> None:
        plain_init(self, *args, **given)
        if self.authentication_type == "no-password-required":
            self.no_password_required = True
        self.minimum_engine_version = "7.0" if self.authentication_type == "iam" else "6.0"

    def modify_user(self: ElastiCacheResponse) -> ActionResult:
        asked = self._get_params()
        user = self.elasticache_backend.users.get(asked["UserId"])
        if user is None:
            raise UserNotFound(asked["UserId"])
        mode = asked.get("AuthenticationMode") or {}
        user.access_string = asked.get("AccessString") or user.access_string
        user.engine = asked.get("Engine") or user.engine
        user.passwords = mode.get("Passwords") or asked.get("Passwords") or user.passwords
        if mode.get("Type"):
            user.authentication_type = mode["Type"]
            user.no_password_required = mode["Type"] == "no-password-required"
        return ActionResult(user)

    def delete_user(self: ElastiCacheBackend, user_id: str) -> User:
        user = plain_delete(self, user_id)
        for group in self.user_groups.values():
            group["UserIds"] = [one for one in group["UserIds"] if one != user_id]
        return user

    User.__init__, ElastiCacheBackend.delete_user = init, delete_user
    ElastiCacheResponse.modify_user = modify_user


def _group(backend: ElastiCacheBackend, group_id: str) -> Settings:
    group: Settings | None = backend.user_groups.get(group_id.lower())
    if group is None:
        raise _refusal("UserGroupNotFound", f"User group {group_id} not found.")
    return group


def _check_members(backend: ElastiCacheBackend, engine: str, user_ids: list[str]) -> None:
    """Refuse what AWS refuses: users that do not exist, and a group for Redis OSS without a default user."""
    for user_id in user_ids:
        if user_id not in backend.users:
            raise UserNotFound(user_id)
    if engine == "redis" and all(backend.users[one].name != "default" for one in user_ids):
        raise _refusal("DefaultUserRequired", "A user group for Redis OSS must have a user with the name default.")


def create_user_group(self: ElastiCacheResponse) -> ActionResult:
    """Make a group."""
    asked, backend = self._get_params(), self.elasticache_backend
    members = asked.get("UserIds") or []
    _check_members(backend, asked["Engine"], members)
    group_id = asked["UserGroupId"].lower()
    group = {
        "UserGroupId": group_id,
        "Status": "active",
        "Engine": asked["Engine"],
        "UserIds": list(members),
        "MinimumEngineVersion": "6.0",
        "ReplicationGroups": [],
        "ARN": _arn(backend, "usergroup", group_id),
    }
    backend.user_groups[group_id] = group
    backend.tagging_service.tag_resource(group["ARN"], asked.get("Tags") or [])
    return ActionResult(group)


def describe_user_groups(self: ElastiCacheResponse) -> ActionResult:
    """Tell of one group or of all, with the caches that each is used by."""
    group_id, backend = self._get_param("UserGroupId"), self.elasticache_backend
    found = [_group(backend, group_id)] if group_id else list(backend.user_groups.values())
    for group in found:
        of_group = (one for one in backend.replication_groups.values() if group["UserGroupId"] in one.user_group_ids)
        group["ReplicationGroups"] = [one.replication_group_id for one in of_group]
    return ActionResult({"UserGroups": found})


def modify_user_group(self: ElastiCacheResponse) -> ActionResult:
    """Let users in and out."""
    asked, backend = self._get_params(), self.elasticache_backend
    group = _group(backend, asked["UserGroupId"])
    left = [one for one in group["UserIds"] if one not in (asked.get("UserIdsToRemove") or ())]
    members = left + list(asked.get("UserIdsToAdd") or ())
    _check_members(backend, group["Engine"], members)
    group["UserIds"] = members
    return ActionResult(group)


def delete_user_group(self: ElastiCacheResponse) -> ActionResult:
    """Delete a group; its users stay."""
    backend = self.elasticache_backend
    group = _group(backend, self._get_param("UserGroupId"))
    return ActionResult(backend.user_groups.pop(group["UserGroupId"]) | {"Status": "deleting"})


def _user_groups() -> None:
    _keep(user_groups=dict)
    for operation in (create_user_group, describe_user_groups, modify_user_group, delete_user_group):
        setattr(ElastiCacheResponse, operation.__name__, operation)


def _named(self: ElastiCacheResponse) -> Settings:
    name = self._get_param("CacheParameterGroupName")
    group: Settings | None = self.elasticache_backend.parameter_groups.get(name)
    if group is None:
        raise _refusal("CacheParameterGroupNotFound", f"CacheParameterGroup {name} not found.")
    return group


def _given(self: ElastiCacheResponse) -> list[Settings]:
    """Return the parameters that a request names."""
    return list(self._get_param("ParameterNameValues") or ())


def create_cache_parameter_group(self: ElastiCacheResponse) -> ActionResult:
    """Make an empty group."""
    asked, backend = self._get_params(), self.elasticache_backend
    fields = ("CacheParameterGroupName", "CacheParameterGroupFamily", "Description")
    group = {field: asked[field] for field in fields}
    group["ARN"] = _arn(backend, "parametergroup", asked["CacheParameterGroupName"])
    backend.parameter_groups[group["CacheParameterGroupName"]] = group | {"set": {}}
    backend.tagging_service.tag_resource(group["ARN"], asked.get("Tags") or [])
    return ActionResult({"CacheParameterGroup": group})


def describe_cache_parameter_groups(self: ElastiCacheResponse) -> ActionResult:
    """Tell of one group or of all."""
    asked = self._get_param("CacheParameterGroupName")
    found = [_named(self)] if asked else list(self.elasticache_backend.parameter_groups.values())
    return ActionResult({"CacheParameterGroups": found})


def describe_cache_parameters(self: ElastiCacheResponse) -> ActionResult:
    """Tell what a group sets; the defaults of the family are not known here."""
    kind = {"Source": "user", "IsModifiable": True, "ChangeType": "immediate", "DataType": "string"}
    wanted = self._get_param("Source") in {None, "user"}
    parameters = _named(self)["set"].items() if wanted else ()
    return ActionResult(
        {"Parameters": [{"ParameterName": name, "ParameterValue": value, **kind} for name, value in parameters]}
    )


def modify_cache_parameter_group(self: ElastiCacheResponse) -> ActionResult:
    """Set parameters."""
    group = _named(self)
    group["set"] |= {one["ParameterName"]: one["ParameterValue"] for one in _given(self)}
    return ActionResult({"CacheParameterGroupName": group["CacheParameterGroupName"]})


def reset_cache_parameter_group(self: ElastiCacheResponse) -> ActionResult:
    """Take parameters back, all of them where none is named."""
    group = _named(self)
    for name in [one["ParameterName"] for one in _given(self)] or list(group["set"]):
        group["set"].pop(name, None)
    return ActionResult({"CacheParameterGroupName": group["CacheParameterGroupName"]})


def delete_cache_parameter_group(self: ElastiCacheResponse) -> EmptyResult:
    """Delete a group."""
    del self.elasticache_backend.parameter_groups[_named(self)["CacheParameterGroupName"]]
    return EmptyResult()


PARAMETER_OPERATIONS = (
    create_cache_parameter_group,
    describe_cache_parameter_groups,
    describe_cache_parameters,
    modify_cache_parameter_group,
    reset_cache_parameter_group,
    delete_cache_parameter_group,
)


def _parameter_groups() -> None:
    _keep(parameter_groups=dict)
    for operation in PARAMETER_OPERATIONS:
        setattr(ElastiCacheResponse, operation.__name__, operation)


GAPS = (
    Gap(
        name="elasticache.users",
        missing="A user cannot be changed, and the way a user without password signs in is misspelt.",
        matters="Every plan would want to change the user that is switched off.",
        fill=_users,
    ),
    Gap(
        name="elasticache.user_groups",
        missing="User groups are not implemented.",
        matters="A cache could only be entered with a password that lies in Terraform's state.",
        fill=_user_groups,
    ),
    Gap(
        name="elasticache.parameter_groups",
        missing="Parameter groups are not implemented.",
        matters="A cache that forgets what was used longest ago could not be deployed.",
        fill=_parameter_groups,
    ),
)
