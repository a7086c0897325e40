"""Simulated network devices: their state, their command lines, SSH and SNMP."""
