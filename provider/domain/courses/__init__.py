"""Courses, sessions, places, the waiting list, the register and Zoom."""
