"""Settings, all from the environment; esbt/checks.py says at start-up what is missing or unsafe.

ESBT_SECRET_KEY     signs sessions; required outside demo mode
ESBT_DEMO           "1": demo users with a known password; refused on any address but loopback
ESBT_HOSTS          host names served, separated by commas (default: loopback only)
ESBT_HTTPS          "1": secure cookies, HSTS and redirects, for use behind a TLS proxy
ESBT_MFA            "1": every account must add a second factor
ESBT_RAG_*          SCHEME, THEME, WHOLE: from where on savings are red, as "5,100000" (per cent
                    of plan, pounds); LINE: from where on a return's line needs a comment
ESBT_OIDC_*         NAME, SERVER_URL, CLIENT_ID, CLIENT_SECRET: sign-in with OpenID Connect
DATABASE_URL        postgres://role:password@host:port/name (?host=/socket/folder is allowed)
REDIS_URL           redis://host:port
EMAIL_URL           smtp host:port for mail; left out, mail goes to the console
ESBT_ADDRESS        the site's address in mails (default: the first of ESBT_HOSTS)
ESBT_MAIL_FROM      who mails come from (default: esbt@ the first of ESBT_HOSTS)
"""

import hashlib
import os
from pathlib import Path

import dj_database_url
from celery.schedules import crontab
from csp.constants import NONE, SELF

BASE_DIR = Path(__file__).resolve().parent.parent


def flag(name: str) -> bool:
    """True when the environment variable is set to "1"."""
    return os.environ.get(name) == "1"


def code_fingerprint() -> str:
    """Changes when the code does, so that what older code kept is never shown."""
    digest = hashlib.sha256()
    for folder in ("esbt", "finance", "outcomes", "schemes", "templates"):
        for file in sorted((BASE_DIR / folder).rglob("*.*")):
            if file.suffix in (".py", ".html", ".sql"):
                digest.update(f"{file} {file.stat().st_mtime_ns}".encode())
    return digest.hexdigest()[:12]


DEMO = flag("ESBT_DEMO")
HTTPS = flag("ESBT_HTTPS")
DEBUG = False
SECRET_KEY = os.environ.get("ESBT_SECRET_KEY", "")
ALLOWED_HOSTS = os.environ.get("ESBT_HOSTS", "127.0.0.1,localhost,[::1]").split(",")
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS] if HTTPS else []

INSTALLED_APPS = [
    "esbt.apps.EsbtConfig",
    "finance.apps.FinanceConfig",
    "outcomes.apps.OutcomesConfig",
    "schemes.apps.SchemesConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "csp",
    "ninja",
    "pgtrigger",
    "django_linear_migrations",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "schemes.middleware.SecondFactor",
]

ROOT_URLCONF = "esbt.urls"
WSGI_APPLICATION = "esbt.wsgi.application"
AUTH_USER_MODEL = "schemes.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "esbt.context.house",
            ],
        },
    }
]

DATABASES = {
    "default": dj_database_url.config(
        default="postgres://localhost/esbt", conn_max_age=600, conn_health_checks=True
    )
}
DATABASES["default"].setdefault("OPTIONS", {}).update({"connect_timeout": 5})

REDIS_URL = os.environ.get("REDIS_URL", "redis://127.0.0.1:6379")
CACHES = {
    "default": {
        "BACKEND": "esbt.kit.cached.SoftRedisCache",
        "LOCATION": f"{REDIS_URL}/1",
        "TIMEOUT": 7 * 24 * 3600,
        "KEY_PREFIX": code_fingerprint(),
        # the cache only saves work: when it does not answer at once, the work is done instead
        "OPTIONS": {"socket_connect_timeout": 0.2, "socket_timeout": 0.5},
    }
}

CELERY_BROKER_URL = f"{REDIS_URL}/0"
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
# a save must never wait for the broker: connecting and sending give up quickly
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_connect_timeout": 0.3,
    "socket_timeout": 5,
    "socket_keepalive": True,
    "max_retries": 0,  # of connecting in order to send; the worker goes on trying by itself
}
CELERY_BEAT_SCHEDULE = {
    "sweep-stale-slices": {"task": "finance.tasks.sweep_stale_slices", "schedule": 5.0},
    "sweep-observation-files": {"task": "outcomes.tasks.sweep_files", "schedule": 5.0},
    "remind": {"task": "finance.tasks.remind", "schedule": crontab(hour=6, minute=30)},  # UTC
    # every hour of the working day: one that was missed, or could not be sent, is made up for
    "digests": {"task": "esbt.tasks.digests", "schedule": crontab(hour="7-17", minute=0)},  # UTC
}

AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_REDIRECT_URL = "home"
LOGIN_URL = "account_login"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "username*", "password1*", "password2*"]
ACCOUNT_ADAPTER = "schemes.people.accounts.ClosedSignup"
ACCOUNT_FORMS = {"login": "schemes.people.sign_in.SignIn"}
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_EMAIL_VERIFICATION = "none"
if DEMO:
    ACCOUNT_RATE_LIMITS = False  # the demo's password is on its sign-in page
SECOND_FACTOR_REQUIRED = flag("ESBT_MFA")
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
SOCIALACCOUNT_PROVIDERS = {}
if os.environ.get("ESBT_OIDC_CLIENT_ID"):
    SOCIALACCOUNT_PROVIDERS["openid_connect"] = {
        "APPS": [
            {
                "provider_id": "oidc",
                "name": os.environ.get("ESBT_OIDC_NAME", "Single sign-on"),
                "client_id": os.environ["ESBT_OIDC_CLIENT_ID"],
                "secret": os.environ.get("ESBT_OIDC_CLIENT_SECRET", ""),
                "settings": {"server_url": os.environ["ESBT_OIDC_SERVER_URL"]},
            }
        ]
    }

UPLOAD_LIMIT = 10 * 1024 * 1024  # bytes of a file with figures
FILE_UPLOAD_HANDLERS = ["esbt.kit.uploading.BoundedUpload"]

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "Europe/London"
USE_I18N = False
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = Path(os.environ.get("ESBT_STATIC_ROOT", BASE_DIR / "staticfiles"))
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "esbt.kit.static.ModuleStorage"},
}

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],  # blob: Plotly's own download of a chart as a picture
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
# a year's grid has twelve fields a line, and a form without scripts sends all of them
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
SESSION_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "esbt.views.kept_form.csrf_failure"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None

SITE_ADDRESS = os.environ.get("ESBT_ADDRESS") or (
    f"http{'s' if HTTPS else ''}://{ALLOWED_HOSTS[0]}"
)
EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
EMAIL_TIMEOUT = 10  # seconds
DEFAULT_FROM_EMAIL = os.environ.get("ESBT_MAIL_FROM") or f"esbt@{ALLOWED_HOSTS[0]}"
# Where an adverse variance turns red, for a line to need a comment and for savings: per cent of
# plan and pounds, whichever is reached first. One council's convention for a service, a
# directorate and a whole fund (DOMAIN 8).
ESBT_RAG = {
    level: os.environ.get(f"ESBT_RAG_{level.upper()}", default).split(",")
    for level, default in (
        ("line", "5,100000"),
        ("scheme", "5,100000"),
        ("theme", "5,250000"),
        ("whole", "0.5,1000000"),
    )
}

if os.environ.get("EMAIL_URL"):
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    EMAIL_HOST, _, _port = os.environ["EMAIL_URL"].partition(":")
    EMAIL_PORT = int(_port or 25)

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
}
