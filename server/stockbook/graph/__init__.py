"""Who may see what of the stock, and how is it asked?"""
