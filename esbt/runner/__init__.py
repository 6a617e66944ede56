"""What ./run does once .venv is there: servers from wheels, the site, tests, checks.

Nothing here is imported by the site itself; an installation that has its own PostgreSQL and Valkey
(see docker-compose.yml) does not need it.
"""
