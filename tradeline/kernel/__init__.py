"""Words every area shares: findings, money, hashes. No input or output, imports no area."""
