"""What each role may do: the one table of rights."""

from enum import StrEnum

from commerce_api.tenants.models import Role


class Permission(StrEnum):
    """A right within one tenant. Every member may ``VIEW_SHOP``."""

    VIEW_SHOP = "view_shop"
    ANSWER_CONVERSATIONS = "answer_conversations"
    MANAGE_ORDERS = "manage_orders"
    EDIT_CATALOGUE = "edit_catalogue"
    MANAGE_PAYMENTS = "manage_payments"
    TRAIN_ASSISTANT = "train_assistant"
    MANAGE_CHANNELS = "manage_channels"
    EDIT_SETTINGS = "edit_settings"
    MANAGE_MEMBERS = "manage_members"
    MANAGE_OWNERS = "manage_owners"


_EVERYTHING = frozenset(Permission)

RIGHTS: dict[Role, frozenset[Permission]] = {
    Role.OWNER: _EVERYTHING,
    Role.ADMIN: _EVERYTHING - {Permission.MANAGE_OWNERS},
    Role.AGENT: frozenset(
        {
            Permission.VIEW_SHOP,
            Permission.ANSWER_CONVERSATIONS,
            Permission.MANAGE_ORDERS,
            Permission.EDIT_CATALOGUE,
        }
    ),
    Role.TRAINER: frozenset({Permission.VIEW_SHOP, Permission.TRAIN_ASSISTANT}),
    Role.VIEWER: frozenset({Permission.VIEW_SHOP}),
}


def may(role: Role, permission: Permission) -> bool:
    """Whether the role has the right."""
    return permission in RIGHTS[role]
