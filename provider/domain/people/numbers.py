"""A person's number is read as every number is: see ``provider/kernel/numbers.py``, which referrals and texts share."""

from provider.kernel.numbers import Mobile, Verdict, read_mobile

__all__ = ["Mobile", "Verdict", "read_mobile"]
