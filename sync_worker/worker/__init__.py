"""What is due, who does it, and when to stop."""
