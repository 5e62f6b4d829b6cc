"""The picture of the figures: for each workload a group of bars, one bar a contender, as times FastAPI.

The SVG is written by hand, so that it needs nothing to be drawn and its colours follow the reader's light or dark page.
"""

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from pathlib import Path

CHART = Path(__file__).parent / "chart.svg"
REFERENCE = "fastapi"
DRAWN = ("json", "items", "orders", "list", "deps", "many", "sync")
COLOURS = ("#c2410c", "#f59e0b", "#64748b", "#94a3b8", "#0ea5e9", "#6366f1", "#14b8a6", "#a855f7", "#84cc16", "#ec4899")
LABELS, WIDTH, BAR, GAP, TOP = 150, 860, 13, 20, 46
STYLE = "text{font:12px system-ui,sans-serif;fill:#1f2937}@media(prefers-color-scheme:dark){text{fill:#e5e7eb}}"


def chart(middle: Mapping[str, Mapping[str, float]]) -> str:
    """Draw the picture.

    Args:
        middle: requests per CPU-second by contender and workload; without FastAPI's there is nothing to compare with.
    """
    base = middle.get(REFERENCE, {})
    workloads = [load for load in DRAWN if load in base]
    # The bare callables are a limit, not a framework one could use.
    shown = [name for name in middle if not name.startswith("bare")][: len(COLOURS)]
    times = {
        (load, name): middle[name][load] / base[load] for load in workloads for name in shown if load in middle[name]
    }
    height = TOP + sum(_height(load, shown, times) for load in workloads) + 10
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img">',
        "<title>Requests per CPU-second, as times FastAPI on uvicorn</title>",
        f"<style>{STYLE}</style>",
        '<text x="10" y="22" style="font-weight:600">Requests per CPU-second of the server, times FastAPI</text>',
        *_bars(workloads, shown, times),
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _height(load: str, shown: Sequence[str], times: Mapping[tuple[str, str], float]) -> int:
    return GAP + BAR * sum((load, name) in times for name in shown)


def _bars(workloads: Sequence[str], shown: Sequence[str], times: Mapping[tuple[str, str], float]) -> Iterator[str]:
    unit = (WIDTH - LABELS - 190) / max(times.values(), default=1)
    y = TOP
    for load in workloads:
        yield f'<text x="10" y="{y + 11}" style="font-weight:600">{escape(load)}</text>'
        for name, colour in zip(shown, COLOURS, strict=False):
            if (load, name) not in times:
                continue
            value = times[load, name]
            width = value * unit
            place = f'x="{LABELS}" y="{y + 1}" width="{width:.1f}" height="{BAR - 2}" rx="2"'
            yield f'<rect {place} fill="{colour}"/>'
            yield f'<text x="{LABELS + width + 6:.1f}" y="{y + 11}">{value:.1f} {escape(name)}</text>'
            y += BAR
        y += GAP
