"""A referral as a row of a sheet: columns made from the submission itself, cells as spreadsheets write them."""
