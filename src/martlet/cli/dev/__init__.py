"""`martlet dev`: what stands around an app while it is being written.

Three processes: the supervisor (`supervisor`) imports the framework once and forks a worker whenever the code changes;
the worker (`worker`) imports the app and serves it; the watcher (`watcher`) says what changed. In the worker the app is
wrapped (`observe`): each request becomes a line (`lines`, `reasons`), each exception a page (`trouble`, `page`).
None of this is imported by `martlet run`.
"""
