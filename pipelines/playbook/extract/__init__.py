"""Facts in what people say and type: numbers, money, times, e-mail addresses, names."""
