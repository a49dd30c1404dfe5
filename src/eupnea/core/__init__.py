"""The engine. It knows no biology."""
