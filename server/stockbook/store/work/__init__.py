"""What is kept of work to do: tasks, their lines, count sheets, what is overdue?"""
