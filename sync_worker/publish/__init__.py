"""From drafts to the forum through the ledger: each once, whatever happens to the process."""
