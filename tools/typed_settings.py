"""Settings for the type checker, which loads Django to learn the models: of an empty home."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

from lantian.home.layout import VARIABLE, Home

_folder = tempfile.mkdtemp(prefix="lantian-types-")
atexit.register(shutil.rmtree, _folder, ignore_errors=True)
os.environ[VARIABLE] = str(Home.init(Path(_folder) / "home", name="types").path)

from lantian.web.core.settings import *  # noqa: E402, F403 - of that home
