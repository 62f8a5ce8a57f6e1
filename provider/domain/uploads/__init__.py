"""A sheet of referrals between being read and being sent: what its rows say is sealed, and goes when they are."""
