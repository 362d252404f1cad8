"""Servers are stopped or frozen, or lose their names or disk, under running services; what came of it is measured."""
