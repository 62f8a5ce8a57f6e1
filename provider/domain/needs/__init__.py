"""What keeps somebody from a text, a call or an online session, and how it is met another way."""
