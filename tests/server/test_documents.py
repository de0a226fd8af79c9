"""Manifests of trusted documents: signed, checked, and never taken on anybody else's word."""

import base64
import hmac
import json
from pathlib import Path
from typing import Any

import pytest
from joserfc import jws
from joserfc.jwk import ECKey, OKPKey
from typer.testing import CliRunner

from schema.api import API
from server.cli import app
from server.rules import rules_of
from server.settings import Settings
from server.trusted import (
    ManifestError,
    Only,
    document_id,
    load_documents,
    read_key,
    read_manifest,
    sign,
)

TEXTS = ["{ __typename }", "query A { localities { slug } }\n", "# 邻里\n{ __typename }"]
KEY, OTHER = OKPKey.generate_key("Ed25519"), OKPKey.generate_key("Ed25519")


def pem(folder: Path, key: OKPKey | ECKey, *, private: bool) -> Path:
    file = folder / f"{key.thumbprint()}-{private}.pem"
    file.write_bytes(key.as_pem(private=private))
    return file


def forged(claims: Any, alg: str = "Ed25519", key: Any = KEY, **header: Any) -> str:
    sent = {"alg": alg, "typ": "linli-documents", **header}
    return jws.serialize_compact(sent, json.dumps(claims), key, algorithms=[alg])


@pytest.mark.parametrize("key", [KEY, ECKey.generate_key("P-256")], ids=["Ed25519", "P-256"])
def test_what_is_signed_is_read(tmp_path: Path, key: OKPKey | ECKey) -> None:
    manifest = tmp_path / "manifest"
    manifest.write_text(sign(TEXTS, read_key(pem(tmp_path, key, private=True))) + "\n")
    found = load_documents(manifest, pem(tmp_path, key, private=False))
    assert found == {document_id(text): text for text in TEXTS}


def test_a_large_manifest_is_read() -> None:
    texts = [f"{{ a{number}: __typename }} #{'x' * 1_000}" for number in range(2_000)]
    assert len(read_manifest(sign(texts, KEY), KEY)) == 2_000


def test_what_is_not_signed_by_the_key_is_not_taken() -> None:
    text, id = TEXTS[0], document_id(TEXTS[0])
    whole = {"documents": {id: text}}
    signed = sign(TEXTS, KEY)
    header, payload, signature = signed.split(".")
    nothing = (
        base64.urlsafe_b64encode(b'{"alg":"none","typ":"linli-documents"}').decode().strip("=")
    )
    # The public key, which anybody may have, taken for a secret.
    hashed = base64.urlsafe_b64encode(b'{"alg":"HS256","typ":"linli-documents"}').decode()
    content = f"{hashed.strip('=')}.{payload}"
    mac = hmac.digest(KEY.as_pem(private=False), content.encode(), "sha256")
    wrong = [
        "",
        "x",
        "..",
        signed[:-4],
        f"{nothing}.{payload}.",
        f"{nothing}.{payload}.{signature}",
        f"{header}.{payload}.",
        f"{header}.{payload[:-8]}AAAAAAAA.{signature}",
        sign(TEXTS, OTHER),
        forged(whole, "ES256", ECKey.generate_key("P-256")),
        f"{content}.{base64.urlsafe_b64encode(mac).decode().strip('=')}",
        forged(whole, typ="JWT"),
        forged({"documents": {id: text + " "}}),
        forged({"documents": {"sha256:0": text}}),
        json.dumps(whole),
    ]
    for each in wrong:
        with pytest.raises(ManifestError):
            read_manifest(each, KEY)
    assert read_manifest(forged(whole), KEY) == {id: text}


def settings(monkeypatch: pytest.MonkeyPatch, **said: str) -> Settings:
    for name, value in said.items():
        monkeypatch.setenv(f"LINLI_{name.upper()}", value)
    return Settings.read()


def test_settings_become_rules(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for name in ("DEMO", "IDE", "INTROSPECTION", "DOCUMENTS", "DOCUMENTS_KEY", "ORIGINS"):
        monkeypatch.delenv(f"LINLI_{name}", raising=False)
    rules = rules_of(settings(monkeypatch), API)
    assert (rules.ide, rules.introspection.value) == (False, "people")
    rules = rules_of(settings(monkeypatch, demo="1"), API)
    assert (rules.ide, rules.introspection.value) == (True, "on")
    with pytest.raises(ManifestError, match="LINLI_DOCUMENTS"):
        rules_of(settings(monkeypatch, documents_only="all"), API)
    manifest = tmp_path / "manifest"
    manifest.write_text(sign([*TEXTS, "{ gone }"], KEY))
    with pytest.raises(ManifestError, match="LINLI_DOCUMENTS_KEY"):
        rules_of(settings(monkeypatch, documents=str(manifest)), API)
    with pytest.raises(ManifestError, match="not signed with this key"):
        key = pem(tmp_path, OTHER, private=False)
        rules_of(settings(monkeypatch, documents_key=str(key)), API)
    key = pem(tmp_path, KEY, private=False)
    rules = rules_of(settings(monkeypatch, documents_key=str(key)), API)
    assert rules.documents.only is Only.ALL
    assert set(rules.documents.texts.values()) == {*TEXTS, "{ gone }"}
    # One that this version's schema no longer has is told of; the others are served.
    assert [each for each in caplog.messages if document_id("{ gone }") in each]
    for origin in ("*", "https://a.example/", "a.example", "https://*.example", "null"):
        with pytest.raises(ValueError, match="LINLI_ORIGINS"):
            settings(monkeypatch, origins=f"https://a.example,{origin}")


def linli(*words: object) -> tuple[int, str]:
    result = CliRunner().invoke(app, [*map(str, words)])
    return result.exit_code, result.output


def test_the_command_signs_and_checks(tmp_path: Path) -> None:
    private, public = (pem(tmp_path, KEY, private=each) for each in (True, False))
    folder, manifest = tmp_path / "operations", tmp_path / "manifest"
    (folder / "below").mkdir(parents=True)
    assert linli("documents", "sign", folder, "--key", private, "-o", manifest)[0] == 1
    (folder / "a.graphql").write_text(TEXTS[0])
    (folder / "below" / "b.graphql").write_text(TEXTS[1])
    (folder / "below" / "notes.txt").write_text("{ none }")
    code, said = linli("documents", "sign", folder, "--key", private, "-o", manifest)
    assert code == 0
    assert f"{document_id(TEXTS[0])}  {folder}/a.graphql" in said
    assert set(load_documents(manifest, public).values()) == set(TEXTS[:2])
    code, said = linli("documents", "check", manifest, "--key", public)
    assert (code, "2 documents, all sound" in said) == (0, True)
    # A public key signs nothing; another's key checks nothing; what is no key is neither.
    code, said = linli("documents", "sign", folder, "--key", public, "-o", manifest)
    assert (code, "is a public key" in said) == (1, True)
    other = pem(tmp_path, OTHER, private=False)
    code, said = linli("documents", "check", manifest, "--key", other)
    assert (code, "not signed with this key" in said) == (1, True)
    code, said = linli("documents", "check", manifest, "--key", manifest)
    assert (code, "not a key" in said) == (1, True)


def test_what_is_not_sound_is_not_signed(tmp_path: Path) -> None:
    private, manifest = pem(tmp_path, KEY, private=True), tmp_path / "manifest"
    (tmp_path / "a.graphql").write_text("{\n  nothing\n}")
    (tmp_path / "b.graphql").write_text("{")
    code, said = linli("documents", "sign", tmp_path, "--key", private, "-o", manifest)
    assert code == 1
    assert f"{tmp_path}/a.graphql:2: Cannot query field 'nothing'" in said
    assert f"{tmp_path}/b.graphql:1: Syntax Error" in said
    assert not manifest.exists()
    (tmp_path / "a.graphql").write_bytes(b"\xff")
    assert linli("documents", "sign", tmp_path, "--key", private, "-o", manifest)[0] == 1
    manifest.write_text(sign(["{ gone }"], KEY))
    code, said = linli("documents", "check", manifest, "--key", private)
    assert (code, "Cannot query field 'gone'" in said) == (1, True)
