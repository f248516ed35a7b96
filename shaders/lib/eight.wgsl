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

// y + w x, where x and y are eight rows and w's columns belong to the four numbers of a row's quad. Row by row, as
// SwiftShader, which computes in the order it is told, would put a product of matrices into memory before it adds it.
fn add_product(y: Eight, w: mat4x4f, x: Eight) -> Eight {
  return Eight(
    mat4x4f(y.a[0] + w * x.a[0], y.a[1] + w * x.a[1], y.a[2] + w * x.a[2], y.a[3] + w * x.a[3]),
    mat4x4f(y.b[0] + w * x.b[0], y.b[1] + w * x.b[1], y.b[2] + w * x.b[2], y.b[3] + w * x.b[3]),
  );
}
