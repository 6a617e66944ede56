"""What is to be delivered and by when: actions and milestones as they stand as of a date."""
