"""Dialects: how raw data comes in and an answer goes out, protocol by protocol, as text of Steps."""
