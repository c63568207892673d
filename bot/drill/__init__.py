"""Drills: an invented surge of citizens and officers on the real path, and what became of every message."""
