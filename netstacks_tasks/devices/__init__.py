"""Devices: the ports operations use, and the adapters that speak to the network."""
