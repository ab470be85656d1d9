"""The texts that we write: templates and decks, roundups and stories, and the reasons for them."""
