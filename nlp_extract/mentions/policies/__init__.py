"""Laws, plans and other policies, their numbers, issuers and clauses."""
