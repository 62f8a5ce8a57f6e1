"""What workers do by themselves: one table of jobs, one small module a job."""

from importlib import import_module


def load_models() -> None:
    import_module(f"{__name__}.models")
