"""The front door's sentences, in Chinese and in English."""
