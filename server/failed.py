"""Operations that are not carried out, whatever brought them."""

from typing import Any

from server import errors


class Failed(Exception):
    """The operation is not carried out: errors as the client sees them.

    `status` is what HTTP calls it; 400 says that it was not a sound operation.
    """

    def __init__(
        self, *failures: dict[str, Any], status: int = 400, retry: int = errors.RETRY
    ) -> None:
        super().__init__(failures)
        self.failures = list(failures)
        self.status = status
        self.retry = retry


def refused(code: str, retry: int = errors.RETRY, **more: Any) -> Failed:
    """What is told of an operation that we do not carry out."""
    return Failed(errors.failure(code, retry, **more), status=errors.STATUS[code], retry=retry)
