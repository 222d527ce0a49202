"""What have we promised not to lose? The journal of scans, sealed and chained, until the server has answered."""
