"""Who decides and signs: bodies, their agendas, agreements and signatures."""
