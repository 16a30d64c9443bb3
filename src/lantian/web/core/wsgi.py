"""The WSGI application that the web server runs."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lantian.web.core.settings")
application = get_wsgi_application()

from lantian.web.core import warming  # noqa: E402 - Django must be ready

warming.begin()
