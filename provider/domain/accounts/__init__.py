"""Staff and officers: roles and what they may do, sign-in, sessions."""
