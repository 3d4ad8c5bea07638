"""Questions and answers: what our functions ask, and what is made of the answers that Adobe documents."""
