"""What every floor stands on: database, clock, calendar, errors, references."""
