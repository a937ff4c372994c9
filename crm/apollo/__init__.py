"""Apollo: people and companies by their addresses; read only."""
