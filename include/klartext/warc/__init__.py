"""WARC files (ISO 28500): read, written, split, repaired, and records removed from them."""
