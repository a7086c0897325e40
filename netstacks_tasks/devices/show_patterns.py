"""The show commands of each platform that may be asked for: nothing else may.

Left out on purpose: what shows whole configurations or secrets
(`running-config`, `configuration`, `tech-support`, keys), what takes long or
fills the device's memory, and everything that is no show.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from netstacks_tasks.devices.show_pattern import Pattern


@dataclass(frozen=True, slots=True, kw_only=True)
class Grammar:
    """What one platform takes."""

    patterns: tuple[Pattern, ...]
    text_filters: tuple[str, ...] = ()
    """What may follow a `|`, with a text to look for."""
    plain_filters: tuple[str, ...] = ()
    """What may follow a `|` alone."""
    most_filters: int = 1
    """Where a second one is not taken for a part of the first one's text."""


def _patterns(*blocks: str) -> tuple[Pattern, ...]:
    lines = (line.strip() for block in blocks for line in block.splitlines())
    return tuple(Pattern.parse(line) for line in lines if line)


_CISCO_LIKE: Final = """
    show version
    show inventory
    show clock
    show logging
    show users
    show vrf
    show arp
    show lldp neighbors [detail]
    show ip arp [<address>]
    show ip route summary
    show ip route {bgp|connected|static|ospf}
    show ip route [vrf <name>] [<address>]
    show ip route [vrf <name>] [<prefix>]
    show ip bgp summary
    show ip bgp <address>
    show ip bgp <prefix>
    show ip bgp neighbors [<address>]
    show ip bgp neighbors <address> {advertised-routes|received-routes|routes}
    show ip ospf neighbor [detail]
    show ip ospf interface [brief]
    show ip interface brief
    show ip interface <interface>
    show ip access-lists [<name>]
    show ip prefix-list [<name>]
    show route-map [<name>]
    show spanning-tree [summary]
    show vlan [brief]
    show ntp status
    show ntp associations
"""

_IOS: Final = """
    show interfaces [<interface>]
    show interfaces {description|status|counters|summary|trunk}
    show interfaces counters errors
    show interfaces <interface> {description|status|counters|transceiver|trunk|switchport}
    show interfaces <interface> counters errors
    show interfaces transceiver [detail]
    show controllers <interface>
    show processes cpu [sorted|history]
    show processes memory sorted
    show memory statistics
    show environment [all]
    show platform
    show redundancy
    show cdp neighbors [detail]
    show mac address-table [interface <interface>]
    show mac address-table [vlan <number>]
    show etherchannel summary
    show errdisable recovery
    show interfaces status err-disabled
    show spanning-tree vlan <number>
    show standby [brief]
    show ip protocols
    show ip eigrp neighbors
    show ip bgp vpnv4 all summary
    show ip bgp vpnv4 vrf <name> summary
    show bgp all summary
    show bgp {ipv4|ipv6} unicast summary
    show bgp {ipv4|ipv6} unicast <prefix>
    show bgp {ipv4|ipv6} unicast neighbors [<address>]
    show bgp vpnv4 unicast all summary
    show ipv6 interface brief
    show ipv6 route [<prefix>]
    show ipv6 neighbors
    show ip traffic
    show access-lists [<name>]
    show policy-map interface [<interface>]
    show bfd neighbors
    show isis neighbors
    show mpls ldp neighbor
    show mpls forwarding-table
    show track
    show ip sla statistics
    show ip dhcp snooping
    show power inline
    show license summary
    show boot
    show privilege
"""

_EOS: Final = """
    show hostname
    show uptime
    show interfaces [<interface>]
    show interfaces {description|status|counters}
    show interfaces counters {errors|discards|rates}
    show interfaces <interface> {description|status|counters|transceiver}
    show interfaces <interface> counters {errors|discards|rates}
    show interfaces transceiver
    show processes top once
    show environment {power|cooling|temperature|all}
    show mac address-table [interface <interface>]
    show mac address-table [vlan <number>]
    show port-channel {summary|dense}
    show mlag [detail]
    show bgp summary [vrf <name>]
    show ip bgp summary vrf <name>
    show bgp evpn summary
    show bgp neighbors [<address>]
    show ipv6 route [<prefix>]
    show ipv6 bgp summary
    show ipv6 neighbors
    show vxlan vtep
    show vxlan vni
    show bfd peers
    show isis neighbors
    show reload cause
"""

_NXOS: Final = """
    show hostname
    show system {uptime|resources}
    show interface [<interface>]
    show interface {brief|description|status|counters|trunk}
    show interface counters errors
    show interface <interface> {brief|description|status|counters|transceiver|trunk}
    show interface <interface> counters errors
    show interface transceiver
    show processes cpu [sort]
    show environment
    show module
    show feature
    show cdp neighbors [detail]
    show mac address-table [interface <interface>]
    show mac address-table [vlan <number>]
    show port-channel summary
    show vpc [brief]
    show bgp all summary [vrf <name>]
    show bgp {ipv4|ipv6} unicast summary [vrf <name>]
    show bgp {ipv4|ipv6} unicast neighbors [<address>]
    show bgp l2vpn evpn summary
    show ip bgp summary vrf <name>
    show ipv6 route [<prefix>]
    show ipv6 neighbor
    show hsrp [brief]
    show nve {peers|vni}
    show bfd neighbors
    show isis adjacency
    show ip eigrp neighbors
"""

_IOSXR: Final = """
    show version
    show inventory
    show clock
    show logging
    show users
    show platform
    show redundancy
    show arp
    show interfaces [<interface>]
    show interfaces {description|brief|summary}
    show interfaces <interface> {description|brief}
    show ipv4 interface brief
    show ipv6 interface brief
    show ipv4 vrf all interface brief
    show controllers <interface> stats
    show processes cpu
    show memory summary
    show environment [all]
    show bundle [<interface>]
    show route [<prefix>]
    show route summary
    show route vrf <name> [<prefix>]
    show route ipv6 [<prefix>]
    show bgp summary
    show bgp all all summary
    show bgp vrf <name> summary
    show bgp vrf all summary
    show bgp {ipv4|ipv6} unicast summary
    show bgp {ipv4|ipv6} unicast <prefix>
    show bgp neighbors [<address>]
    show bgp neighbors brief
    show ospf neighbor [detail]
    show isis {neighbors|adjacency}
    show mpls ldp neighbor [brief]
    show bfd session
    show lldp neighbors [detail]
    show cdp neighbors [detail]
    show access-lists [<name>]
    show ntp status
    show ntp associations
    show vrf all
"""

_JUNOS: Final = """
    show version
    show chassis {hardware|alarms|environment|routing-engine|fpc}
    show system {uptime|alarms|processes|storage}
    show system users
    show log messages
    show arp [no-resolve]
    show interfaces [<interface>] [{terse|brief|detail|extensive|statistics}]
    show interfaces descriptions
    show interfaces diagnostics optics [<interface>]
    show route summary
    show route [<prefix>] [{terse|detail}]
    show route table <name> [<prefix>]
    show route protocol {bgp|ospf|static|direct|isis}
    show route {receive-protocol|advertising-protocol} bgp <address>
    show bgp summary
    show bgp neighbor [<address>]
    show bgp group
    show ospf {neighbor|interface} [detail]
    show ospf3 neighbor
    show isis adjacency
    show bfd session
    show ldp {session|neighbor}
    show rsvp session
    show mpls lsp
    show lacp interfaces
    show lldp neighbors
    show vlans
    show ethernet-switching table
    show spanning-tree {bridge|interface}
    show ntp {status|associations}
    show route instance
    show ipv6 neighbors
"""

_FRR: Final = """
    show version
    show interface [<link>] [json]
    show interface vrf {all|<name>} [json]
    show interface {brief|description} [json]
    show vrf
    show logging
    show memory
    show zebra
    show thread cpu
    show daemons
    show {ip|ipv6} route [vrf <name>] [json]
    show {ip|ipv6} route [vrf <name>] summary
    show {ip|ipv6} route [vrf <name>] {bgp|connected|kernel|static|ospf|isis} [json]
    show {ip|ipv6} route [vrf <name>] <address> [json]
    show {ip|ipv6} route [vrf <name>] <prefix> [json]
    show [ip] bgp [vrf <name>] summary [json]
    show [ip] bgp [vrf <name>] {ipv4|ipv6} unicast [summary] [json]
    show [ip] bgp [vrf <name>] {ipv4|ipv6} unicast <prefix> [json]
    show [ip] bgp [vrf <name>] <address> [json]
    show [ip] bgp [vrf <name>] <prefix> [json]
    show [ip] bgp [vrf <name>] neighbors [<address>] [json]
    show [ip] bgp neighbors <address> {advertised-routes|received-routes|routes} [json]
    show bgp l2vpn evpn summary [json]
    show ip ospf neighbor [detail] [json]
    show ip ospf interface [<link>] [json]
    show ip ospf [json]
    show ipv6 ospf6 neighbor [json]
    show isis neighbor
    show bfd peers [brief] [json]
    show evpn vni [json]
    show mpls table [json]
    show ip nht
    show ip prefix-list [<name>]
    show ipv6 prefix-list [<name>]
    show ip access-list [<name>]
    show route-map [<name>]
    show vrrp [json]
"""

_LINUX: Final = """
    hostname
    uptime
    uname -a
    date
    df -h
    free -m
    ip -br {address|link}
    ip address show [dev <link>]
    ip -s link [show dev <link>]
    ip route [show table <name>]
    ip route get <address>
    ip -6 route
    ip {neighbor|rule}
    ss -tln
    ss -uln
    ss -s
    cat /etc/os-release
    cat /proc/uptime
    cat /proc/loadavg
    cat /proc/net/dev
"""

_CISCO_FILTERS: Final = ("include", "exclude", "begin", "section")
_NXOS_GRAMMAR: Final = Grammar(
    patterns=_patterns(_CISCO_LIKE, _NXOS),
    text_filters=_CISCO_FILTERS,
    plain_filters=("count",),
    most_filters=2,
)

GRAMMARS: Final[Mapping[str, Grammar]] = {
    "ios": Grammar(patterns=_patterns(_CISCO_LIKE, _IOS), text_filters=_CISCO_FILTERS),
    "eos": Grammar(
        patterns=_patterns(_CISCO_LIKE, _EOS), text_filters=_CISCO_FILTERS, most_filters=2
    ),
    "nxos": _NXOS_GRAMMAR,
    "nxos_ssh": _NXOS_GRAMMAR,
    "iosxr": Grammar(patterns=_patterns(_IOSXR), text_filters=("include", "exclude", "begin")),
    "junos": Grammar(
        patterns=_patterns(_JUNOS),
        text_filters=("match", "except", "find"),
        plain_filters=("count", "no-more"),
        most_filters=2,
    ),
    "frr": Grammar(patterns=_patterns(_FRR), text_filters=("include",)),
    "linux": Grammar(patterns=_patterns(_LINUX)),
}
"""By platform."""
