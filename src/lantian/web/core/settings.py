"""Django's settings, derived from the home that ``LANTIAN_HOME`` names."""

import os
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from csp.constants import NONE, SELF

from lantian.home.layout import Home, locate
from lantian.home.web_settings import load
from lantian.web.core import mail, secret

HOME = Home.open(locate(None, os.environ))
WEB = load(HOME.path, os.environ)
SOURCE = Path(__file__).resolve().parents[1]

SECRET_KEY = secret.key(HOME.path, os.environ)
DEBUG = False
ALLOWED_HOSTS = list(WEB.hosts)
ROOT_URLCONF = "lantian.web.core.urls"
WSGI_APPLICATION = "lantian.web.core.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "axes",
    "csp",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "django_htmx",
    "lantian.web.core",
    "lantian.web.accounts",
    "lantian.web.audit",
    "lantian.web.places",
    "lantian.web.duties",
    "lantian.web.sources",
    "lantian.web.evidence",
    "lantian.web.cases",
    "lantian.web.documents",
    "lantian.web.taskforces",
    "lantian.web.notifications",
    "lantian.web.air",
    "lantian.web.api",
]

MIDDLEWARE = [
    "lantian.web.core.proxy.TrustedProxyMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "lantian.web.core.compress.CompressMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "lantian.web.api.person.TokenMiddleware",
    "lantian.web.core.language.LanguageMiddleware",
    "lantian.web.accounts.gate.GateMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "lantian.web.core.errors.DomainErrorMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": sorted(SOURCE.glob("*/templates")),
        "APP_DIRS": False,
        "OPTIONS": {
            "environment": "lantian.web.core.jinja.environment",
            "context_processors": ["lantian.web.core.context.page"],
        },
    },
]


def _database(url: str) -> dict[str, object]:
    if not url:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": HOME.path / "web.sqlite3",
            "CONN_MAX_AGE": None,
            "OPTIONS": {
                "timeout": 20,
                "transaction_mode": "IMMEDIATE",
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
            },
        }
    parts = urlsplit(url)
    options = dict(parse_qsl(parts.query))  # libpq's own: host (a socket's folder), sslmode …
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", unquote(parts.hostname or "")),
        "PORT": parts.port or "",
        "CONN_MAX_AGE": 300,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": options,
    }


DATABASES = {"default": _database(WEB.database_url)}
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "lantian.web.accounts.backend.OneTimeCodeBackend",
    "lantian.web.accounts.backend.NameOrPhoneBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
     "OPTIONS": {"user_attributes": ("name", "phone", "email")}},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
     "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]  # fmt: skip
LOGIN_URL = "accounts:sign-in"
LOGIN_REDIRECT_URL = "core:start"
LOGOUT_REDIRECT_URL = "accounts:sign-in"

AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25  # h
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_CALLABLE = "lantian.web.accounts.views.locked_out"
AXES_USERNAME_FORM_FIELD = "username"
AXES_RESET_ON_SUCCESS = True
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False
AXES_CLIENT_IP_CALLABLE = "lantian.web.core.proxy.client_address"
AXES_USERNAME_CALLABLE = "lantian.web.accounts.backend.throttled_name"
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False  # the time that was said stays true
AXES_DISABLE_ACCESS_LOG = True  # the audit log keeps who signed in
AXES_SENSITIVE_PARAMETERS = [
    "username", "ip_address", "code", "new_password", "new_password_again", "csrfmiddlewaretoken",
]  # fmt: skip

SESSION_COOKIE_AGE = WEB.session_hours * 3600
SESSION_SAVE_EVERY_REQUEST = False
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
# Not cached: each process has its own cache, and a session that was ended must be gone in all.
SESSION_ENGINE = "django.contrib.sessions.backends.db"
PASSWORD_RESET_TIMEOUT = 7200  # s
CSRF_FAILURE_VIEW = "lantian.web.core.views.csrf_failure"
CSRF_TRUSTED_ORIGINS = [
    f"{'https' if WEB.https else 'http'}://{host}" for host in WEB.hosts if not host.startswith(".")
]
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = WEB.https
SECURE_HSTS_SECONDS = 31_536_000 if WEB.https else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = WEB.https
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]

_TILES = urlsplit(WEB.tiles)
_TILE_SERVICE = [f"{_TILES.scheme}://{_TILES.netloc}"] if WEB.tiles else []
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:", "blob:", *_TILE_SERVICE],
        "connect-src": [SELF, *_TILE_SERVICE],
        "worker-src": [SELF, "blob:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

_MAIL = mail.settings(WEB.email_url)
EMAIL_HOST, EMAIL_PORT = _MAIL.host, _MAIL.port
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _MAIL.user, _MAIL.password
EMAIL_USE_TLS, EMAIL_USE_SSL = _MAIL.starttls, _MAIL.ssl
EMAIL_TIMEOUT = 20  # s
DEFAULT_FROM_EMAIL = SERVER_EMAIL = WEB.email_from or _MAIL.user or "lantian@localhost"

USE_TZ = True
TIME_ZONE = HOME.zone
USE_I18N = True
LANGUAGE_CODE = "zh-hans" if WEB.language == "zh" else "en"
LANGUAGES = [("zh-hans", "中文"), ("en", "English")]
LANGUAGE_COOKIE_NAME = "lantian_language"
LANGUAGE_COOKIE_AGE = 31_536_000
LANGUAGE_COOKIE_SAMESITE = "Lax"

STATIC_URL = "static/"
STATICFILES_DIRS = [SOURCE / "static"]
STATIC_ROOT = None
WHITENOISE_USE_FINDERS = True
WHITENOISE_KEEP_ONLY_HASHED_FILES = False
WHITENOISE_IMMUTABLE_FILE_TEST = r"^/static/lantian/assets/"
DATA_UPLOAD_MAX_MEMORY_SIZE = 20 * 1024**2
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024**2
FILE_UPLOAD_TEMP_DIR = None

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {"lantian": {"level": "INFO"}, "axes": {"level": "ERROR"}},
}
