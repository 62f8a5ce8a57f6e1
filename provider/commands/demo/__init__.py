"""``flask --app provider demo``: two forces, four schemes made by settings alone, and hundreds of referrals."""
