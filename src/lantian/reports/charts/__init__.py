"""Small SVG writers: data in, SVG text out.

Drawn with presentation attributes only, so that one drawing serves a page under a strict content
policy and a PDF. A viewBox is in CSS pixels and nothing is smaller than 12 of them.
"""
