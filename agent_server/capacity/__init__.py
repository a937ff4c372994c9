"""How much this process takes on."""
