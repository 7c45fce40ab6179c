"""Ways out: mail, webhooks, web push, and requests that stay out of the own network."""
