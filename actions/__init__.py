"""Rasa's custom actions: forms and read-only look-ups. They run in Rasa's environment and never write."""
