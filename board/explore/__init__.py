"""Exploring: home, map and list, a town's page, stories."""
