"""The rule language of playbooks: conditions over what is known of a cohort and its people, in three truth values."""
