"""Let pages of other origins call the app (Fetch standard, CORS protocol), as Starlette does."""

from starlette.middleware.cors import CORSMiddleware as CORSMiddleware
