"""All tables of the hub, one module per concept. Importing this package fills ``SQLModel.metadata``."""
