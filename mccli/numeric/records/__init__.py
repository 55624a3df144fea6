"""The identity database under the numerical checker: points for a record, its truth there, and what the engine gives."""
