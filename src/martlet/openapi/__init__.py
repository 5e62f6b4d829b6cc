"""The OpenAPI document: its models, its pages, and the functions that make it."""
