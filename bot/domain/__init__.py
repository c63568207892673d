"""Decisions as pure functions of (what is known, now): no clock, no I/O, no framework."""
