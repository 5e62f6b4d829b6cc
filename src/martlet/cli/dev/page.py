"""The pages that a browser gets from `martlet dev` where something is wrong, and the JSON that others get.

All that comes from the user's program or from a request is escaped here, in `_text`; nothing else makes HTML. A page
needs nothing but itself: no font, no image, and no script but the one that reloads the page
of an app that does not start.
"""

import json
from base64 import b64encode
from collections.abc import Sequence
from functools import cache
from hashlib import sha256
from html import escape
from pathlib import Path
from typing import Final

from martlet.cli.dev.trouble import Frame, Pairs, Raised, Trouble
from martlet.cli.failures import Failure

_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'"
_FOLDER: Final = Path(__file__).parent


def trouble_page(trouble: Trouble) -> str:
    """Return the page about an exception that nobody answered."""
    first = trouble.raised[0]
    request = dict(trouble.request)
    title = f"{first.kind} at {request['method']} {request['path']}"
    parts = [
        "<header>",
        f"<p class=where>{_text(request['method'])} {_text(request['path'])}</p>",
        f"<h1>{_text(first.kind)}</h1>",
        f"<p class=message>{_text(first.message)}</p>" if first.message and not trouble.misfits else "",
        f"<p class=place>{_text(trouble.place)}</p>" if trouble.place else "",
        "</header>",
        _misfits(trouble),
        *(_raised(raised) for raised in trouble.raised),
        _pairs("Route", trouble.route or [("", "No route had been matched.")]),
        _pairs("Request", trouble.request),
        _pairs("Query", trouble.query),
        _pairs("Headers", trouble.headers),
    ]
    return _document(title, parts)


def failure_page(failure: Failure) -> str:
    """Return the page about an app that cannot be imported or started; it reloads itself when that has changed."""
    parts = [
        f"<header><p class=where>{_text(failure.code)}</p><h1>{_text(failure.headline)}</h1></header>",
        f"<section><pre class=details>{_text(chr(10).join(failure.details))}</pre></section>"
        if failure.details
        else "",
        *(f"<p class=advice>{_text(line)}</p>" for line in failure.advice),
    ]
    return _document(failure.headline, parts, script=_read("page.js"))


def trouble_json(trouble: Trouble) -> str:
    """Return the same as JSON, for those who asked for no page: without locals and headers, which fill a terminal."""
    first = trouble.raised[0]
    error = {
        "type": first.kind,
        "message": first.message.partition("\n")[0] if trouble.misfits else first.message,
        "place": trouble.place,
        "frames": [
            {"file": str(frame.place), "function": frame.place.function, "code": frame.place.text}
            for frame in first.frames
            if frame.is_users
        ],
        "route": dict(trouble.route),
    }
    if trouble.misfits:
        error["response"] = list(trouble.misfits)
    return json.dumps({"detail": "Internal Server Error", "error": error}, ensure_ascii=False)


def _misfits(trouble: Trouble) -> str:
    if not trouble.misfits:
        return ""
    rows = "".join(f"<li><code>{_text(misfit)}</code></li>" for misfit in trouble.misfits)
    endpoint = dict(trouble.route).get("endpoint", "the endpoint")
    says = f"What <code>{_text(endpoint)}</code> returned is not what it declares:"
    code = _frame(trouble.endpoint, is_open=True) if trouble.endpoint else ""
    return f"<section><h2>Response</h2><p>{says}</p><ul class=misfits>{rows}</ul>{code}</section>"


def _raised(raised: Raised) -> str:
    how = f"<p class=how>It {_text(raised.how)}</p>" if raised.how else ""
    users = [frame for frame in raised.frames if frame.is_users]
    heading = f"{raised.kind}: {raised.message}" if raised.how else "Your code" if users else "Not your code"
    title = f"<h2>{_text(heading)}</h2>"
    frames = "".join(_frame(frame, is_open=position == 0) for position, frame in enumerate(users))
    return f"<section>{how}{title}{frames}{_all(raised.frames)}</section>"


def _frame(frame: Frame, *, is_open: bool) -> str:
    code = "".join(
        f"<span{' class=here' if number == frame.place.line else ''}><i>{number}</i>{_text(text)}\n</span>"
        for number, text in frame.code
    )
    values = _table(frame.values) if frame.values else ""
    return (
        f"<details{' open' if is_open else ''}><summary><b>{_text(frame.place.function)}</b> "
        f"<span>{_text(str(frame.place))}</span></summary><pre class=code>{code}</pre>{values}</details>"
    )


def _all(frames: Sequence[Frame]) -> str:
    if not frames:
        return ""
    rows = "".join(
        f"<li{' class=yours' if frame.is_users else ''}>{_text(str(frame.place))} "
        f"<b>{_text(frame.place.function)}</b></li>"
        for frame in frames
    )
    return (
        f"<details class=all><summary>All {len(frames)} frames, the innermost first</summary><ol>{rows}</ol></details>"
    )


def _pairs(title: str, pairs: Pairs) -> str:
    return f"<section><h2>{title}</h2>{_table(pairs)}</section>" if pairs else ""


def _table(pairs: Pairs) -> str:
    rows = "".join(f"<tr><th>{_text(name)}</th><td>{_text(value)}</td></tr>" for name, value in pairs)
    return f"<div class=wide><table>{rows}</table></div>"


def _document(title: str, parts: Sequence[str], *, script: str = "") -> str:
    policy = _POLICY
    if script:
        policy += f"; connect-src 'self'; script-src 'sha256-{b64encode(sha256(script.encode()).digest()).decode()}'"
    return (
        "<!doctype html><html lang=en><head><meta charset=utf-8>"
        '<meta name=viewport content="width=device-width, initial-scale=1">'
        '<meta name=color-scheme content="light dark">'
        f'<meta http-equiv=Content-Security-Policy content="{policy}">'
        f"<title>{_text(title)}</title><style>{_read('page.css')}</style></head><body><main>{''.join(parts)}"
        "<footer>Only <code>martlet dev</code> shows this page.</footer></main>"
        f"{f'<script>{script}</script>' if script else ''}</body></html>"
    )


@cache
def _read(name: str) -> str:
    return (_FOLDER / name).read_text("utf-8")


def _text(text: str) -> str:
    return escape(text, quote=True)
