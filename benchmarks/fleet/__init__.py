"""A simulated fleet of `ios` devices, in a process of its own, as cheap as it can be."""
