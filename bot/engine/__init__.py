"""The parts of Rasa's engine that are ours: its stores and its calls of actions. No model depends on them."""
