"""What is wrong with a simulator's configuration."""


class ConfigError(ValueError):
    """A switch, delay, fault or script could not be understood. The message names the offending part."""
