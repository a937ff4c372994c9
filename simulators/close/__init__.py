"""Close: leads, contacts, opportunities, activities, the event log, search and webhooks, as its API has them."""
