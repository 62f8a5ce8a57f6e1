"""Calls, the ladder of attempts, notes and tasks."""
