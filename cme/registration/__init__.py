"""Who is going, who has paid, who came."""
