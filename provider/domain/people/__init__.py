"""The person, how they can be reached, and matching."""
