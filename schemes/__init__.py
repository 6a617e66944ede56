"""The ground floor, who, what and when: systems, partners, people, years and evidence."""
