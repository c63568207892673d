"""Use cases as plain functions over (unit of work, ports, now)."""
