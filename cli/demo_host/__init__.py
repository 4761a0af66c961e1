"""Demo mode's own host: takes what a platform would be sent, does it on paper, and shows it.

It stands with the commands and not in the service because it is the other side: the service knows
nothing of it but an address, and it knows nothing of the service but the documented webhooks. Its
routes hang in the API's process, so that trying the service takes no further program.
"""
