// Activations in forms that neither overflow nor cancel.

// log(1 + exp(x))
fn softplus(x: vec4f) -> vec4f {
  return max(x, vec4f()) + log(1.0 + exp(-abs(x)));
}

// The derivative of softplus: 1 / (1 + exp(-x)).
fn sigmoid(x: vec4f) -> vec4f {
  let e = exp(-abs(x));
  return select(e, vec4f(1.0), x >= vec4f()) / (1.0 + e);
}

fn elu(x: vec4f) -> vec4f {
  return select(exp(min(x, vec4f())) - 1.0, x, x > vec4f());
}

// The derivative of ELU from its value: 1 above 0, and exp(x) = value + 1 below.
fn elu_slope(value: vec4f) -> vec4f {
  return select(value + 1.0, vec4f(1.0), value > vec4f());
}

// Which of quad k's four lanes are below `size`: those above are padding.
fn lanes(k: u32, size: u32) -> vec4<bool> {
  return vec4u(4u * k) + vec4u(0u, 1u, 2u, 3u) < vec4u(size);
}
