"""What a default costs and when: PD by month, loss given default, exposure at default."""
