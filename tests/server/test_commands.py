"""Commands that need no database: profiles are checked, the committed schema is compared."""

import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from server.settings import Settings
from tests.conftest import Scratch

ROOT = Path(__file__).parents[2]
LINLI = [sys.executable, "-c", "from server.cli import main; main()"]


def linli(
    *words: str, folder: Path = ROOT, settings: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    env = {"PYTHONPATH": str(ROOT), "PATH": "", **(settings or {})}
    return subprocess.run(
        [*LINLI, *words],
        cwd=folder,
        env=env,
        text=True,
        capture_output=True,
        timeout=30,
        check=False,
    )


def test_the_places_shipped_are_good() -> None:
    files = sorted(str(file) for file in (ROOT / "localities").glob("*.toml"))
    files = [file for file in files if not file.endswith("names.toml")]
    checked = linli("localities", "check", *files)
    assert (checked.returncode, checked.stderr) == (0, "")
    assert [line.split(": ")[0] for line in checked.stdout.splitlines()] == files
    assert f"{ROOT / 'localities' / 'weibin.toml'}: weibin is a valid profile" in checked.stdout


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ('kind = "GRID"', 'kind = "GRIT"', "levels"),
        ('to_level = "community"', 'to_level = "commune"', "rules"),
        ("after_hours = 24", "after_hours = -1", "rules"),
        ('time_zone = "Asia/Shanghai"', 'time_zone = "Asia/Nowhere"', "time_zone"),
        ('route = "UP"', 'rout = "UP"', "rules"),
        ('severity = "HARD"', 'severity = "HARDER"', ""),
        ('by = "grid_worker"', 'by = "grid_walker"', "demo"),
    ],
)
def test_a_bad_one_is_refused_with_file_key_and_reason(
    tmp_path: Path, old: str, new: str, key: str
) -> None:
    file = tmp_path / "weibin.toml"
    text = (ROOT / "localities" / "weibin.toml").read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), "utf-8")
    checked = linli("localities", "check", str(file))
    assert (checked.returncode, checked.stdout) == (1, "")
    problems = checked.stderr.splitlines()
    assert problems
    for problem in problems:
        where, at, reason = problem.split(": ", 2)
        assert where == str(file)
        assert at.startswith(key)
        assert reason


@pytest.mark.parametrize("content", [b"slug = ", b"\xff\xfe", b"", b"slug = 'x'\nslug = 'y'"])
def test_what_is_no_profile_at_all(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "x.toml"
    file.write_bytes(content)
    checked = linli("localities", "check", str(file))
    assert checked.returncode == 1
    assert checked.stderr.startswith(f"{file}: ")
    assert "Traceback" not in checked.stderr


def test_a_good_one_is_told_beside_a_bad_one(tmp_path: Path) -> None:
    bad = tmp_path / "bad.toml"
    bad.write_text("slug = 'x'")
    good = ROOT / "localities" / "huazhou.toml"
    checked = linli("localities", "check", str(bad), str(good))
    assert checked.returncode == 1
    assert checked.stdout == f"{good}: huazhou is a valid profile\n"


def test_the_committed_schema_is_the_code_s(tmp_path: Path) -> None:
    shutil.copy(ROOT / "schema.graphql", tmp_path)
    assert linli("schema", "--check", folder=tmp_path).returncode == 0
    (tmp_path / "schema.graphql").write_text("type Query { a: Int }\n")
    checked = linli("schema", "--check", folder=tmp_path)
    assert checked.returncode == 1
    assert "schema.graphql is not what the code says" in checked.stderr
    assert linli("schema", folder=tmp_path).returncode == 0
    written = (tmp_path / "schema.graphql").read_bytes()
    assert written == (ROOT / "schema.graphql").read_bytes()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LINLI_POOL_SIZE", "0"),
        ("LINLI_WORKERS", "0"),
        ("LINLI_DEMO", "maybe"),
        ("LINLI_IDE", "2"),
        ("LINLI_WEBHOOKS_TO_PRIVATE", "si"),
        ("DATABASE_URL", "nonsense"),
        ("MIGRATE_DATABASE_URL", "mysql://root:word@db/linli"),
        ("LINLI_RATE_PERSON", "-1"),
        ("LINLI_STREAMS_PERSON", "many"),
        ("LINLI_BUCKETS", "redis"),
        ("LINLI_TRUSTED_PROXIES", "10.0.0.0/99"),
        ("LINLI_ORIGINS", "*"),
        ("LINLI_SECRET", "short"),
        ("LINLI_STORE", "ftp://somewhere"),
    ],
)
def test_a_setting_that_means_nothing_is_told_in_one_line(
    tmp_path: Path, name: str, value: str
) -> None:
    told = linli("serve", settings={"LINLI_DATA": str(tmp_path), name: value})
    assert (told.returncode, told.stdout) == (2, "")
    (line,) = told.stderr.splitlines()
    assert line.startswith(name)
    assert "word@" not in line.replace("password@", "")


@pytest.mark.parametrize("name", ["LINLI_DEMO", "LINLI_WEBHOOKS_TO_PRIVATE", "LINLI_IDE"])
def test_what_is_on_or_off_may_be_said_in_several_ways(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    def read() -> bool:
        return getattr(Settings.read(), name.removeprefix("LINLI_").lower())

    for word in ("1", "true", "yes", "on", "True", "ON"):
        monkeypatch.setenv(name, word)
        assert read() is True
    for word in ("0", "false", "no", "off", "No", ""):
        monkeypatch.setenv(name, word)
        assert read() is False


@pytest.mark.parametrize("words", [("serve", "--port", "0"), ("worker",), ("migrate",)])
def test_a_database_that_is_not_there_is_told_in_one_line(
    tmp_path: Path, words: tuple[str, ...]
) -> None:
    nobody = "postgresql://linli:secret@127.0.0.1:1/linli"
    settings = {"LINLI_DATA": str(tmp_path), "DATABASE_URL": nobody, "MIGRATE_DATABASE_URL": nobody}
    told = linli(*words, settings=settings)
    assert (told.returncode, told.stdout) == (1, "")
    (line,) = told.stderr.splitlines()
    assert line.startswith("The database cannot be used: ")
    assert "secret" not in line


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (("office", "list", "--locality", "nowhere"), 1, "There is no place 'nowhere'.\n"),
        (("login", "list", "--locality", "nowhere"), 1, "There is no place 'nowhere'.\n"),
        (("audit", "anchor", "--locality", "nowhere"), 1, "There is no place 'nowhere'.\n"),
        (("audit", "anchor"), 0, "No chain is there yet: nothing has been disclosed.\n"),
        (("audit", "verify"), 0, "No chain is there yet: nothing has been disclosed.\n"),
    ],
)
async def test_nothing_found_is_said(
    scratch: Scratch, words: tuple[str, ...], status: int, said: str
) -> None:
    told = linli(*words, settings={"MIGRATE_DATABASE_URL": scratch.owner_dsn})
    assert (told.returncode, told.stdout, told.stderr) == (status, "", said)


@pytest.mark.parametrize(
    ("given", "said"), [("{n}", "--vars is not JSON ("), ("[1]", "--vars is JSON, but no object")]
)
def test_variables_that_are_none_are_told(tmp_path: Path, given: str, said: str) -> None:
    (file := tmp_path / "a.graphql").write_text("{ localities { slug } }")
    told = linli("explain", str(file), "--vars", given, settings={"LINLI_DATA": str(tmp_path)})
    assert (told.returncode, told.stdout) == (1, "")
    (line,) = told.stderr.splitlines()
    assert line.startswith(said)
    assert "one JSON object" in line
