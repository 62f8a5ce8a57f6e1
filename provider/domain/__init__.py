"""Nouns that do not know each other: what they share is a foreign key and an id."""

from importlib import import_module
from pkgutil import iter_modules


def load_models() -> None:
    """Import the models of every package, so that the metadata knows every table."""
    for package in iter_modules(__path__):
        import_module(f"{__name__}.{package.name}.models")
