"""How good are the forecasts, beside what others would use?"""
