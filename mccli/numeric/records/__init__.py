"""The identity database under the numerical checker: points, truth there, and what the engine derives."""
