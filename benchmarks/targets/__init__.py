"""What the health checks are measured on: targets that live on loopback, and dead ones."""
