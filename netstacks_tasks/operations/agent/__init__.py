"""The NOC agent: a language model that reads the network with tools and answers."""
