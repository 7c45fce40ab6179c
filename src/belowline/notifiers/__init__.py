"""Ways out: mail, webhooks, and requests that stay out of the own network."""
