"""Working patterns, slots and appointments: never two in one slot."""
