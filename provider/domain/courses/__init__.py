"""Courses, sessions, places, the waiting list and the register."""
