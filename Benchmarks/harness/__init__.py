"""What the benchmark scripts share: building, certificates, servers under test, load."""
