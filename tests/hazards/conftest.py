from simulated_providers import simulate  # noqa: F401 - a fixture
