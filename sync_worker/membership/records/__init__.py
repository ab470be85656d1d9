"""What runs write down in the store: whose memberships are ours, who was added how, which changes were made."""
