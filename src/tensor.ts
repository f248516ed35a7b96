/** A named array as it stands in a file. */
export type TensorData = Float32Array | Float64Array | Int32Array | Uint8Array;

/** Its types of numbers, as safetensors names them. */
export const DTYPES = {
  F64: Float64Array,
  F32: Float32Array,
  I32: Int32Array,
  U8: Uint8Array,
} as const;
export type Dtype = keyof typeof DTYPES;

export function dtypeOf(data: TensorData): Dtype {
  if (data instanceof Float64Array) return 'F64';
  if (data instanceof Float32Array) return 'F32';
  return data instanceof Int32Array ? 'I32' : 'U8';
}

export interface Tensor {
  readonly shape: readonly number[];
  readonly data: TensorData;
}

export const elementCount = (shape: readonly number[]): number =>
  shape.reduce((product, size) => product * size, 1);
