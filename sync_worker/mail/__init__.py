"""One mail to one person: written as text and HTML that say the same, and handed to a mail server at most once."""
