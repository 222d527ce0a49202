"""What have we promised not to lose?"""
