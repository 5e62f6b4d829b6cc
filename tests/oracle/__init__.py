"""FastAPI as oracle: the same drawn app on both frameworks, the same drawn requests, the same answers.

Hypothesis draws programs as source text (`kinds`, `models`, `parameters`, `dependencies`, `results`, `websockets`,
`programs`) and requests that fit them, nearly fit them or are hostile (`requests`). `client` builds and asks both apps
in process, `compare` says what differs. `python -m tests.oracle --requests 2000 --seed 7` runs it at length and prints,
for what differs, a small program and request that show it; `test_oracle.py` is a short run that is always the same.

A difference found is worth a named test of its own, in the folder of the module that was mended.
"""
