"""The doors for people, police systems and machines: the only code that knows Flask requests."""
