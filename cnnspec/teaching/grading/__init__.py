"""Many answers, each with limits of time and memory."""
