"""What a teacher makes exercises with: fresh ones, and a look at what they ask."""
