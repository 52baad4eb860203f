"""The house's words for people, Chinese and English: data, and the loader that reads them."""
