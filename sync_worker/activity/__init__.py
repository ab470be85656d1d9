"""What happened on the forum, collected into the store and read back as topics; what people answered and allow."""
