"""How do we speak with the server? Documents, transport, and the exchange of scans for answers."""
