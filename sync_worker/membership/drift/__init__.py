"""What people did manually to the groups and categories of cohorts."""
