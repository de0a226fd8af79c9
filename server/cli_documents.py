"""`linli documents`: the manifest of trusted documents, for whoever ships clients of the API."""

from pathlib import Path
from typing import Annotated, NoReturn

import typer

documents = typer.Typer(no_args_is_help=True, help="Sign and check manifests of trusted documents.")

Key = Annotated[
    Path,
    typer.Option(exists=True, dir_okay=False, help="Key in PEM, of Ed25519 or P-256."),
]


@documents.command("sign")
def sign_documents(
    folder: Annotated[Path, typer.Argument(exists=True, file_okay=False, metavar="FOLDER")],
    key: Key,
    output: Annotated[Path, typer.Option("--output", "-o", help="The manifest to write.")],
) -> None:
    """Collect FOLDER/**/*.graphql, check each against the schema and sign them all.

    A document is a file to its last character: clients send the SHA-256 of the same bytes.
    """
    from server.trusted import ManifestError, document_id, read_key, sign

    texts = {file: _text(file) for file in sorted(folder.rglob("*.graphql"))}
    if not texts:
        _fail(f"There is no *.graphql in {folder}.")
    _check({str(file): text for file, text in texts.items()})
    try:
        private = read_key(key)
        if not private.is_private:
            _fail(f"{key} is a public key: it checks, it does not sign.")
        output.write_text(sign(texts.values(), private) + "\n")
    except ManifestError as error:
        _fail(str(error))
    for file, text in texts.items():
        typer.echo(f"{document_id(text)}  {file}")


@documents.command("check")
def check_documents(
    manifest: Annotated[Path, typer.Argument(exists=True, dir_okay=False, metavar="MANIFEST")],
    key: Key,
) -> None:
    """Check whose a manifest is, and each of its documents against the schema of this version."""
    from server.trusted import ManifestError, load_documents

    try:
        texts = load_documents(manifest, key)
    except ManifestError as error:
        _fail(str(error))
    _check(texts)
    typer.echo(f"{manifest}: {len(texts)} documents, all sound")


def _check(texts: dict[str, str]) -> None:
    """Tell every error of every document; end here if there is one."""
    from schema.api import API

    wrong = False
    for name, text in texts.items():
        found = API.read(text)
        for error in found if isinstance(found, list) else []:
            wrong = True
            line = error.locations[0].line if error.locations else 1
            typer.echo(f"{name}:{line}: {error.message}", err=True)
    if wrong:
        raise typer.Exit(1)


def _text(file: Path) -> str:
    try:
        return file.read_bytes().decode()
    except UnicodeDecodeError:
        _fail(f"{file} is not UTF-8.")


def _fail(message: str) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(1)
