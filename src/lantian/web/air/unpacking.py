"""ZIP archives of data files, opened with distrust."""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path

from lantian.errors import BadInputError, Problem
from lantian.i18n import gettext as _
from lantian.observations.files import name_of
from lantian.observations.import_files import SUFFIXES
from lantian.observations.readers.text import most_bytes, too_large

_MOST_FILES = 2000
_PIECE = 1 << 20
_ENCRYPTED = 0x1


def unpack(path: Path, folder: Path, most: int) -> list[Path]:
    """Write the data files of an archive below ``folder`` and return them.

    Names never lead out of the folder, archives in the archive are not opened, and what becomes
    far larger than measurements do is refused while it is unpacked.

    Parameters
    ----------
    most
        Bytes the files may have together.

    Raises
    ------
    BadInputError
        ``upload.bad_archive``: damaged, encrypted, without a data file, or with too many;
        ``read.too_large``: a bomb, or more than ``most`` bytes.
    """
    allowed = min(most, most_bytes(path.stat().st_size))
    found: list[Path] = []
    try:
        with zipfile.ZipFile(path) as archive:
            members = [m for m in archive.infolist() if _wanted(m)]
            if len(members) > _MOST_FILES:
                raise _bad(path, _("it holds more than {n} files").format(n=_MOST_FILES))
            if sum(m.file_size for m in members) > allowed:
                raise too_large(path, allowed)
            for number, member in enumerate(members):
                if member.flag_bits & _ENCRYPTED:
                    raise _bad(path, _("it is encrypted"))
                target = folder / f"u{number}" / _name(member)
                target.parent.mkdir()
                allowed -= _copied(archive, member, target, allowed, path)
                found.append(target)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError) as error:
        raise _bad(path, _("it is damaged")) from error
    if not found:
        raise _bad(path, _("it holds no file that is read here"))
    return found


def suffix_of(name: str) -> str:
    """Return the suffix that says what a file is, lower case: that before ``.gz``."""
    suffixes = [s.lower() for s in Path(name).suffixes]
    if suffixes[-1:] == [".gz"]:
        suffixes.pop()
    return suffixes[-1] if suffixes else ""


def _copied(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path, allowed: int, path: Path
) -> int:
    """Write one member and return its bytes; what it says of its size is not believed."""
    size = 0
    with archive.open(member) as source, target.open("wb") as file:
        while piece := source.read(_PIECE):
            size += len(piece)
            if size > allowed:
                raise too_large(path, allowed)
            file.write(piece)
    return size


def _wanted(member: zipfile.ZipInfo) -> bool:
    name = _name(member)
    hidden = name.startswith((".", "~$")) or "__MACOSX" in member.filename
    return not member.is_dir() and not hidden and suffix_of(name) in SUFFIXES


def _name(member: zipfile.ZipInfo) -> str:
    """Return the name of a member without its folder; archives of Windows name files in GBK."""
    text = member.filename
    if not member.flag_bits & 0x800:
        try:
            text = text.encode("cp437").decode("gb18030")
        except (UnicodeEncodeError, UnicodeDecodeError):
            text = member.filename
    bare = text.replace("\\", "/").rpartition("/")[2]
    return "".join(c for c in bare if c.isprintable()) or "file"


def _bad(path: Path, reason: str) -> BadInputError:
    message = _("The archive {file} cannot be used: {reason}.").format(
        file=name_of(path), reason=reason
    )
    code = "upload.bad_archive"
    return BadInputError(code, message, (Problem(name_of(path), message, code),))
