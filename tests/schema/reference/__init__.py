"""Our composition beside the reference composer from npm, run where Node is."""
