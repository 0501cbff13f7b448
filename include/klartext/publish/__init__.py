"""Staged rows become the batch's published files: the fifth step."""

from klartext.publish.step import publish_batch

__all__ = ["publish_batch"]
