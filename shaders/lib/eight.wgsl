// Eight quads that stay in registers: numbers of eight rows, or of eight places of one.
// Two matrices, as compilers keep matrices in registers and arrays in memory.

struct Eight {
  a: mat4x4f,
  b: mat4x4f,
}

// Four times and eight times the same quad.
fn all_four(quad: vec4f) -> mat4x4f {
  return mat4x4f(quad, quad, quad, quad);
}

fn all_eight(quad: vec4f) -> Eight {
  return Eight(all_four(quad), all_four(quad));
}

// y + w x, where x and y are eight rows and w's columns belong to the four numbers of a row's quad.
fn add_product(y: Eight, w: mat4x4f, x: Eight) -> Eight {
  return Eight(y.a + w * x.a, y.b + w * x.b);
}
