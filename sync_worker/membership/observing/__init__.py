"""What the forum has for each cohort, read in few calls. No module here changes a membership."""
