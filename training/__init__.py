"""Fit, evaluate, record and promote models."""
