"""Readers: one module a family of formats, each turns the bytes of a file into lines with their places."""
