"""Where the gradient vanishes: stationary points in closed form, with and without constraints."""
