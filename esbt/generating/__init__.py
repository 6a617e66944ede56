"""What illustrative systems are made of: names, schemes and savings, from no place's figures."""
