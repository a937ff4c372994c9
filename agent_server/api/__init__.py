"""The REST resources, one file each, on a small typed router that also writes their documentation."""
