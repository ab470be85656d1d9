"""What the server is made of: its clock, options, faults, database, and how it reads requests and refuses them."""
