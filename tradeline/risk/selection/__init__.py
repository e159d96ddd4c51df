"""Outcomes are known of the approved only: how to judge a model nevertheless, and to learn more."""
