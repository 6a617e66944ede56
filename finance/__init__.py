"""The money: lines, plans, outturns, monthly returns and the rollups computed from them."""
