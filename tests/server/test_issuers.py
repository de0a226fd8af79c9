"""The file of identity providers: what is taken, and everything that is wrong with it."""

from pathlib import Path

import pytest

from server.issuers import IssuersError, read_issuers

GOOD = """
[[issuer]]
issuer = "https://login.example.org"
audience = ["https://linli.example.org", "linli"]
algorithms = ["RS256", "EdDSA"]
"""


def written(folder: Path, text: str) -> Path:
    file = folder / "issuers.toml"
    file.write_text(text)
    return file


def test_what_is_taken(tmp_path: Path) -> None:
    assert read_issuers(None) == ()
    (issuer,) = read_issuers(written(tmp_path, GOOD))
    assert (issuer.jwks, issuer.leeway, issuer.locality) == (None, 30, None)
    assert issuer.audience == ("https://linli.example.org", "linli")
    assert issuer.scopes == {"read", "write", "admin"}
    (issuer,) = read_issuers(written(tmp_path, GOOD + 'jwks = "keys.json"\nscopes = ["read"]\n'))
    assert (issuer.jwks, issuer.scopes) == (tmp_path / "keys.json", {"read"})
    for url in ("https://x.example/keys", "http://127.0.0.1:8080/keys", "http://[::1]/keys"):
        assert read_issuers(written(tmp_path, GOOD + f'jwks = "{url}"'))[0].jwks == url


@pytest.mark.trust(29)
@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (("issuer = ", "issuers = "), "`issuers` means nothing"),
        (('"https://login.example.org"', '"http://login.example.org"'), "https"),
        (('"https://login.example.org"', '"linli-demo"'), "`issuer`"),
        (('"https://login.example.org"', "5"), "`issuer`"),
        (('["https://linli.example.org", "linli"]', "[]"), "`audience`"),
        (('"RS256", "EdDSA"', '"HS256"'), "`algorithms`"),
        (('"RS256", "EdDSA"', '"RS256", "none"'), "`algorithms`"),
        (('["RS256", "EdDSA"]', "[]"), "`algorithms`"),
        (("algorithms", 'jwks = "http://x.example/keys"\nalgorithms'), "https"),
        (("algorithms", 'jwks = "file:///etc/passwd"\nalgorithms'), "https"),
        (("algorithms", "leeway = 61\nalgorithms"), "`leeway`"),
        (("algorithms", "leeway = true\nalgorithms"), "`leeway`"),
        (("algorithms", 'scopes = ["root"]\nalgorithms'), "`scopes`"),
        (("algorithms", 'scopes = ["write"]\nalgorithms'), "`scopes`"),
        (("algorithms", 'scopes = ["read", "admin"]\nalgorithms'), "`scopes`"),
        (("algorithms", "locality = 5\nalgorithms"), "`locality`"),
        (("[[issuer]]", "[issuer]"), "list of"),
        (("[[issuer]]", "x = 1\n[[issuer]]"), "list of"),
        (("[[issuer]]", f"{GOOD}\n[[issuer]]"), "twice"),
        (("[[issuer]]", "[["), "issuers.toml"),
    ],
)
def test_what_is_not_taken(tmp_path: Path, changed: tuple[str, str], said: str) -> None:
    text = GOOD.replace(*changed)
    assert text != GOOD
    with pytest.raises(IssuersError, match=said):
        read_issuers(written(tmp_path, text))


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(IssuersError):
        read_issuers(tmp_path / "none.toml")
