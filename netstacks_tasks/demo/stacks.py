"""The stacks of the demo: VLANs for access switches, and a route that one router refuses."""

from __future__ import annotations

from typing import Any, Final

VLAN_PUSH: Final = "Weekly Access Switch VLAN Push"
ROUTE_PUSH: Final = "Null Routes, with a mistake for one router"
REFUSING: Final = "spine-frr-01"
"""The router whose variables hold a mistake."""

VLAN_INSTANCE: Final = "c3d4e5f6-7890-bcde-f012-345678901cde"  # the one the example names
ROUTE_INSTANCE: Final = "c3d4e5f6-7890-bcde-f012-345678901cdf"

_VLANS: Final = """\
{% for vlan in vlans %}
vlan {{ vlan.id }}
 name {{ vlan.name }}
{% endfor %}
"""
_ROUTES: Final = "ip route {{ network }} Null0\n{{ more }}\n"


def demo_stacks() -> dict[str, Any]:
    """Stacks and their instances, as a document for the import."""
    return {
        "stacks": [
            {"name": "access-vlans", "templates": {"ios/vlans": _VLANS}},
            {"name": "null-routes", "templates": {"frr/routes": _ROUTES}},
        ],
        "stack_instances": [
            {
                "id": VLAN_INSTANCE,
                "name": "access-vlans-everywhere",
                "stack": "access-vlans",
                "variables": {
                    "vlans": [{"id": 730, "name": "cameras"}, {"id": 731, "name": "doors"}]
                },
                "devices": ["edge-sw-03", "edge-sw-04", "edge-sw-05", "edge-sw-06"],
                "post_checks": ["ssh"],
            },
            {
                "id": ROUTE_INSTANCE,
                "name": "null-routes",
                "stack": "null-routes",
                "variables": {"network": "203.0.113.0/24", "more": ""},
                "devices": [
                    "core-frr-01",
                    {"device": REFUSING, "variables": {"more": "blackhole 198.51.100.0/24"}},
                ],
            },
        ],
    }
