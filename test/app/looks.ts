import type { Look, Mixing } from '../../src/inspect/look.ts';
import { agentForward, allocateAgentActivations } from '../../src/reference/agent_forward.ts';
import { allocateHyperActivations, hypernetForward } from '../../src/reference/hypernet_forward.ts';
import { mixBackward } from '../../src/reference/mix_backward.ts';
import { allocateMixActivations, mixForward } from '../../src/reference/mix_forward.ts';
import { allocateNetworks, type Networks } from '../../src/reference/networks.ts';
import { type NetworkShape, parameterTable } from '../../src/shapes.ts';
import type { Tensor } from '../../src/tensor.ts';

/** Networks from a snapshot's parameters: `online` or `target`. */
export function networksOf(
  shape: NetworkShape,
  snapshot: ReadonlyMap<string, Tensor>,
  copy: 'online' | 'target',
): Networks {
  const networks = allocateNetworks(shape);
  for (const { name } of parameterTable(shape)) {
    networks.tensors.get(name)!.data.set(snapshot.get(`${copy}.${name}`)!.data);
  }
  return networks;
}

/** What networks say of a situation, of their greedy joint action or of another: by the reference's own operations. */
export function lookAt(
  shape: NetworkShape,
  networks: Networks,
  observations: ArrayLike<number>,
  state: ArrayLike<number>,
  chosen?: readonly number[],
): Look & { readonly values: readonly number[] } {
  const { agents: count, actions, mixerWidth: width, mixer } = shape;
  const agents = allocateAgentActivations(shape, 1);
  const hyper = allocateHyperActivations(shape, 1);
  const mix = allocateMixActivations(shape, 1);
  agentForward(agents, networks, Float64Array.from(observations));
  hypernetForward(hyper, networks, Float64Array.from(state));
  const rows = (values: Float64Array, length: number): number[][] =>
    Array.from({ length: values.length / length }, (_, row) => [
      ...values.subarray(row * length, (row + 1) * length),
    ]);
  const q = rows(agents.q, actions);
  const greedy = q.map((values) => values.indexOf(Math.max(...values)));
  const values = q.map((own, agent) => own[(chosen ?? greedy)[agent]]);
  const own = Float64Array.from(values);
  mixForward(mix, own, hyper);
  const slopes = new Float64Array(count);
  const { hyper_w1: w1, hyper_b1: b1, hyper_w2: w2, hyper_b2: b2 } = hyper.generated;
  const mixing: Mixing | undefined =
    mixer === 'monotonic' ? { w1: rows(w1, width), b1: [...b1], w2: [...w2], b2: b2[0] } : undefined;
  mixBackward(slopes, allocateHyperActivations(shape, 1), Float64Array.of(1), own, hyper, mix);
  return {
    q,
    legal: q.map((values) => values.map(() => true)),
    greedy,
    qTotal: mixer === 'none' ? undefined : mix.qTotal[0],
    slopes: mixer === 'none' ? undefined : [...slopes],
    mixing,
    values,
  };
}
