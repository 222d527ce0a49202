"""How are facts registered: organisations, items, places, people, terms?"""
