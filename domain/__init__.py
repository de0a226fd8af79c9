"""Rules: pure functions and frozen data; the standard library only, no clock, no await."""
