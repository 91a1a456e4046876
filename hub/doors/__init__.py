"""HTTP and WebSocket as the hub speaks them, whatever stands behind."""
