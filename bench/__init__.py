"""Martlet measured beside its peers, in one run on one machine.

- `python -m bench`: requests per CPU-second of the server, under load, written to RESULTS.md.
- `python -m bench.instructions`: user instructions a request, in process, free of the machine's noise.

`workloads` says what is asked and what must be answered, `apps/` holds each framework's program, `server` starts one
and reads its CPU time, `load` drives wrk, `results` does the sums. Ratios of one run can be trusted; a figure of one
machine, or of another day, cannot.
"""
