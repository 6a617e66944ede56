"""`python -m esbt.runner.health`: the container's health check; exit 1 when /healthz is not well.

It asks as the proxy would: by a name that the site serves, and as if over HTTPS.
"""

import http.client
import os
import sys


def healthy(port: int = 8000) -> bool:
    """Say whether the web server of this container answers."""
    name = os.environ.get("ESBT_HOSTS", "localhost").split(",")[0]
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=4)
    try:
        connection.request("GET", "/healthz", headers={"Host": name, "X-Forwarded-Proto": "https"})
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(0 if healthy() else 1)
