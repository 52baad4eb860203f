"""The shape of the store: one SQLModel class per table, used for its columns and never as an object."""
