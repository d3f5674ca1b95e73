"""The whole machine of seats and money, walked through at random."""
