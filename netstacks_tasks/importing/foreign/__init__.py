"""Import of devices that other systems keep: NetBox, Nautobot, Nornir, Ansible, Oxidized, RANCID.

Each reader gives `FoundDevice`s; `importing.foreign.importer` takes them into the inventory
by the checks of every import.
"""
