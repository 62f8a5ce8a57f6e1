"""Nouns that do not know each other: what they share is a foreign key and an id."""
