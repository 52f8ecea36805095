"""A bank that is none: it speaks Kaspi's and a gateway's wires on this computer, and a person presses for the payer."""
