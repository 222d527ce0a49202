"""What do the shop's other machines ask and tell? A device without a screen, on the shop's own network."""
