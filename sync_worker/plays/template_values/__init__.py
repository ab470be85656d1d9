"""What the templates of each play may use: every value with its meaning, and examples to try templates with."""
