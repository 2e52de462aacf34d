"""Policy files: the one that comes with bank360 and a bank's own, as text; what they say is read in `policies`."""

from importlib.resources import files
from pathlib import Path

from bank360.bank.errors import NotFound, SettingsError

SHIPPED = "uk_personal_loan.yaml"


def policy_text(path: Path | None) -> str:
    """Return the text of a policy file, or of the shipped one.

    Raises
    ------
    NotFound
        If there is no such file.
    SettingsError
        If it is not text in UTF-8.
    """
    if path is None:
        return files("bank360.policies").joinpath(SHIPPED).read_text(encoding="utf-8")
    if not path.is_file():
        raise NotFound(f"There is no policy file {path}. Name one, or leave it out for the shipped {SHIPPED}.")
    try:
        return path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        raise SettingsError(f"{path} is not text in UTF-8: byte {error.start}. Save it as UTF-8.") from error
