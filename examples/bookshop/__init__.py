"""A bookshop on an embedded SQLite file: the example to read first, and what `make demo` runs.

- `models` says what is stored and what is said over HTTP;
- `database` owns the file: it is made and filled from `books.csv` when the service first starts;
- `depends` has what endpoints ask for: a session, a page, the key that writing needs;
- `books` and `orders` are the routes;
- `main` puts them together as `app`; `__main__` serves it.
"""
