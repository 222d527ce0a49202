"""What is in the picture? Goods recognised on the device: a proposal, which a person or a barcode settles."""
