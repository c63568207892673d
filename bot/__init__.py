"""Hemşehri: a multilingual city desk and crisis-helpline router for citizens abroad."""

__version__ = "0.1.0"
