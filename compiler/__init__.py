"""From a selection set to one SQL statement whose result is the response; knows no table."""
