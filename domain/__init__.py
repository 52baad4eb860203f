"""The nouns of the time bank: slotted frozen values, standard library only."""
