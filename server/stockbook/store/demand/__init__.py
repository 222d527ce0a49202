"""What is kept of demand: sales to learn from, states, forecasts, what people say against them?"""
