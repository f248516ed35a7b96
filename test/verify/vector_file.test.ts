import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../src/config_error.ts';
import { decodeSafetensors, encodeSafetensors } from '../../src/safetensors.ts';
import { parseVectorFile } from '../../src/verify/vector_file.ts';
import { altered, NAN_PLACES } from './altered.ts';

const FILE = 'odd-sizes.safetensors';
const bytes = readFileSync(new URL(`../../src/verify/vectors/${FILE}`, import.meta.url));

describe('a vector file', () => {
  it.each(NAN_PLACES)('with NaN in %s is refused by name', (name, at) => {
    const { tensors, metadata } = decodeSafetensors(bytes, FILE);
    const tensor = tensors.get(name);
    if (!tensor) throw new Error(`${name} is none of ${[...tensors.keys()].join(', ')}`);
    tensor.data[at] = Number.NaN;
    const broken = encodeSafetensors(tensors, metadata);
    const refused = () => parseVectorFile(broken, 'broken');
    expect(refused).toThrow(ConfigError);
    expect(refused).toThrow(
      new RegExp(`^broken: ${name.replaceAll('.', '\\.')}\\[[\\d, ]+\\]: got NaN, allowed: finite`),
    );
  });
});

it('names the indices of a number that is none', () => {
  const { tensors, metadata } = decodeSafetensors(bytes, FILE);
  const { shape, data } = tensors.get('batch.obs')!;
  const [, agents, observations] = shape;
  expect([agents, observations]).toEqual([5, 7]);
  data[(3 * agents + 4) * observations + 6] = Number.POSITIVE_INFINITY;
  expect(() => parseVectorFile(encodeSafetensors(tensors, metadata), 'broken')).toThrow(
    'broken: batch.obs[3, 4, 6]: got Infinity, allowed: finite numbers',
  );
});

describe('vector files', () => {
  it.each([
    [{ mixer: 'qplex' }, 'altered: config.mixer: got "qplex", allowed: monotonic, sum, none'],
    [{ positivity: 'exp' }, 'altered: config.positivity: got "exp", allowed: softplus, abs'],
    [{ hyper_layers: 3 }, 'altered: config.hyper_layers: got 3, allowed: 1, 2'],
    [{ b1_layers: 0 }, 'altered: config.b1_layers: got 0, allowed: 1, 2'],
    [{ optimizer: 'sgd' }, 'altered: config.optimizer: got "sgd", allowed: adam, rmsprop'],
    [{ agent_id: 1 }, 'altered: config.agent_id: got 1, allowed: true, false'],
    [{ hidden: 2.5 }, 'altered: config.hidden: got 2.5, allowed: whole numbers from 1'],
    [{ lr: 0 }, 'altered: config.lr: got 0, allowed: numbers above 0'],
    [{ gamma: '0.99' }, 'altered: config.gamma: got "0.99", allowed: numbers'],
    [{ batch: undefined }, 'altered: config.batch: got nothing, allowed: whole numbers from 1'],
  ])('that ask for what is not built are refused by name: %o', (config, message) => {
    const parse = () =>
      parseVectorFile(
        altered(config, () => {}),
        'altered',
      );
    expect(parse).toThrow(ConfigError);
    expect(parse).toThrow(message);
  });

  it('of another shape than they say, or with a tensor missing, are refused by its name', () => {
    const wider = altered({ hidden: 65 }, () => {});
    expect(() => parseVectorFile(wider, 'altered')).toThrow(
      'online.agents.0.0.weight: got shape [64,8], allowed: [65,8]',
    );
    const withId = altered({ agent_id: true }, () => {});
    expect(() => parseVectorFile(withId, 'altered')).toThrow(
      'online.agents.0.0.weight: got shape [64,8], allowed: [64,11]',
    );
    const masked = altered({ mask: true }, () => {});
    expect(() => parseVectorFile(masked, 'altered')).toThrow(
      'batch.next_available: got nothing, allowed: [16,3,5]',
    );
    const unmixed = altered({ mixer: 'none' }, () => {});
    expect(() => parseVectorFile(unmixed, 'altered')).toThrow(
      'expect.q_tot: got shape [16], allowed: [16,3]',
    );
    const without = altered({}, (tensors) => tensors.delete('expect.w2'));
    expect(() => parseVectorFile(without, 'altered')).toThrow('expect.w2: got nothing');
  });
});
