"""What a model may do in the window besides talking: nothing that leaves or changes anything."""
