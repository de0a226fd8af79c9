"""The object store that keeps photographs: a folder, or an S3-compatible bucket."""

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from obstore.exceptions import BaseError
from obstore.store import LocalStore, ObjectStore, from_url

from server.settings import SettingsError

if TYPE_CHECKING:
    from obstore.store import RetryConfig

FOLDER = "attachments"
RETRIES: "RetryConfig" = {"max_retries": 2, "retry_timeout": timedelta(seconds=20)}


def open_store(url: str | None, data: Path) -> ObjectStore:
    """The store of that URL; a folder of ours in the data folder if none is named."""
    if url is None:
        folder = data / FOLDER
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return LocalStore(folder.absolute())
    scheme = urlsplit(url).scheme
    try:
        if scheme == "file":
            return from_url(url, mkdir=True)
        if scheme == "s3":
            # The rest is obstore's own environment: AWS_ENDPOINT, AWS_ACCESS_KEY_ID, … Client
            # options named here would put those of the environment out of force.
            return from_url(url, retry_config=RETRIES)
    except BaseError as error:
        raise SettingsError(f"LINLI_STORE cannot be opened: {url}") from error
    raise SettingsError(f"LINLI_STORE is a URL of file:// or s3://, not {url}")
