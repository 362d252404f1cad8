"""Stops or freezes servers, or takes away their names or disk, under running services, and measures the result."""
