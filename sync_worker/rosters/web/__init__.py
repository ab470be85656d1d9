"""What sources that are asked over HTTP share: a bounded session, pages, JSON of unknown quality, secrets."""
