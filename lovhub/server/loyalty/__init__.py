"""Customer groups with discounts, bonuses, and promo codes."""
