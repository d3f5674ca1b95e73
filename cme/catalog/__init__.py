"""What is offered: seminars, offerings, faculty, articles, texts."""
