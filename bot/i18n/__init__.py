"""Languages, texts, and how each language writes dates, numbers and counted things."""
