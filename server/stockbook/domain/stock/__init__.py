"""What have we, where, in what state?"""
