"""What is counted: SELECT → frozen objects, in a fixed number of queries; never writes."""
