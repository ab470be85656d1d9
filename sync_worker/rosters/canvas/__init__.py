"""Canvas: sections or courses become cohorts."""
