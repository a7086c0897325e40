"""Deployments: what is rendered is compared, applied, verified, and rolled back if need be."""
