"""What a page says of the channels that send nothing for now."""

from __future__ import annotations

from typing import Any

from django import template

from coordination.selectors.outages import outages

register = template.Library()


@register.inclusion_tag("components/outages.html")
def channels_down() -> dict[str, Any]:
    """One message for each channel that is stopped or silent; nothing on an ordinary day."""
    return {"outages": outages()}
