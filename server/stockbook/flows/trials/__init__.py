"""May forecasts drive proposals? A trial on history, its verdict, and its report."""
