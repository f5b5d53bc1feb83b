"""Builds `models/encoder` from corpora, one command per stage. Never needed at run time."""
