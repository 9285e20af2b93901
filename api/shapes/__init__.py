"""What is sent and answered: bodies of requests, and answers where the domain has no such thing."""
