"""Visit a running server as a browser would: the page, the mark, and every script and style the page names."""

from __future__ import annotations

import json
import re
import sys
import time
from http import HTTPStatus
from urllib.error import URLError
from urllib.request import urlopen

SECONDS_TO_START = 30


def body(address: str) -> bytes:
    """Return what is behind an address. Raises HTTPError for any status but 2xx."""
    with urlopen(address, timeout=20) as answer:  # noqa: S310 - our own server on the loopback
        assert answer.status == HTTPStatus.OK, (address, answer.status)
        content: bytes = answer.read()
        return content


def started(base: str) -> str:
    """Return the first page, as soon as there is one."""
    deadline = time.monotonic() + SECONDS_TO_START
    while True:
        try:
            return body(f"{base}/").decode()
        except URLError as error:
            if isinstance(error.reason, ConnectionRefusedError) and time.monotonic() < deadline:
                time.sleep(0.2)
                continue
            raise


def main(base: str) -> None:
    """Fail unless the page, its scripts and styles, and the filter at the mark answer."""
    page = started(base)
    links = re.findall(r'<(?:script|link)\b[^>]*?(?:src|href)="([^"]+)"', page)
    local = [link for link in links if link.startswith("/")]
    assert any(".js" in link for link in local), links
    assert links == local, [link for link in links if link not in local]
    for link in local:
        assert body(base + link.replace("&amp;", "&")), link
    past = json.loads(body(f"{base}/api/buildings?tax_min=100000000"))
    assert past["numberMatched"] == 20, past["numberMatched"]  # noqa: PLR2004 - the published count
    print(f"{base}: the page, {len(local)} files of its own, 20 towers past the mark")  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1])
