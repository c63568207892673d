"""Outgoing connections, each behind a port of the services."""
