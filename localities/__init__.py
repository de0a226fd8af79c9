"""The places as data: a profile and a `[demo]` each in TOML, names for demo people, divisions."""
