"""Work on the lake as a whole: checking its promises, rebuilding its views, taking articles down."""
