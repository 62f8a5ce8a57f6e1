"""How things went, as people say it some weeks after they completed: a few short questions behind a link."""
