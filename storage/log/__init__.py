"""What happens in conversations, made durable behind them as it happens."""
