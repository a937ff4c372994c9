"""The list of settings, as ``sales-agent settings`` and the documentation show it."""

from msgspec import Struct

from agent_server.settings.field import Group, masked, type_name
from agent_server.settings.reading import FIELDS, Settings, Source


class SettingLine(Struct, frozen=True):
    """One setting in words. ``value`` is the one in force, a secret's masked; ``source`` says where it comes from."""

    theme: str
    name: str
    type: str
    default: str
    meaning: str
    secret: bool
    value: str
    source: Source


def list_settings(settings: Settings) -> tuple[SettingLine, ...]:
    """Every setting, by theme, in the order they are declared."""
    lines = []
    for theme, fields in FIELDS.items():
        group: Group = getattr(settings, theme)
        lines += [
            SettingLine(
                theme=theme,
                name=field.variable,
                type=type_name(field.type),
                default=masked(field, field.default),
                meaning=field.meaning,
                secret=field.secret,
                value=masked(field, getattr(group, field.attribute)),
                source=settings.sources.get(field.variable, "default"),
            )
            for field in fields
        ]
    return tuple(lines)
