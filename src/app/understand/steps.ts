import type { RunInfo } from '../service.ts';

/** What of a run changes what the tour says. */
export type Told = Pick<RunInfo, 'mixer' | 'sharedAgents' | 'agentId' | 'masked'>;

/** What a step of the tour says of one kind of run. */
interface StepText {
  readonly prose: readonly string[];
  /** In symbols. */
  readonly equations: readonly string[];
  /** What leads to the numbers of the run, where there are any. */
  readonly lead?: string;
}

interface TourStep {
  readonly view: 'agents' | 'hypernetworks' | 'mixing' | 'error' | 'update';
  readonly title: string;
  readonly text: (run: Told) => StepText;
}

const ofThose = (masked: boolean): string => (masked ? ' of those it may take' : '');
const argMax = (masked: boolean, observation: string): string =>
  `${masked ? 'arg max over allowed a of' : 'arg maxₐ'} Qᵢ(${observation}, a)`;

function agents({ mixer, sharedAgents, agentId, masked }: Told): StepText {
  const sees = agentId ? 'its own observation oᵢ and its number i' : 'its own observation oᵢ';
  const network = sharedAgents ? 'One network, which all agents share,' : 'Its network';
  return {
    prose: [
      `An agent sees ${sees}, and nothing else. ${network} gives each action a Q-value, and acting greedily the agent takes the action with the highest one${ofThose(masked)}: nobody has to be asked.`,
      mixer === 'none'
        ? 'Without a mixer each Qᵢ is a forecast of its own: the team’s discounted reward after the agent’s action, with the other agents taken for a part of the environment.'
        : 'Alone, Qᵢ forecasts nothing: it ranks the agent’s actions. What is trained to be the team’s discounted reward is Q_tot, which is made of the Q-values of all agents, as the next steps show.',
    ],
    equations: [
      `Qᵢ(oᵢ, ·) = ${sharedAgents ? 'the shared agent network' : 'agent network i'} of oᵢ${agentId ? ' and i' : ''}`,
      `aᵢ = ${argMax(masked, 'oᵢ')}`,
    ],
  };
}

const hypernetworks: Readonly<Record<Told['mixer'], StepText>> = {
  monotonic: {
    prose: [
      'The network that mixes the agents’ Q-values has no weights of its own. Four hypernetworks look at the whole state s and make them anew for every state; they are needed in training only, so that the agents still act alone.',
      'The weights w₁ and w₂ are passed through softplus, or the absolute value as in the paper, so that none of them is negative. The biases b₁ and b₂ may be anything.',
    ],
    equations: [
      'w₁ = softplus(hyper_w1(s)) ≥ 0,   w₂ = softplus(hyper_w2(s)) ≥ 0   (or |·| for softplus)',
      'b₁ = hyper_b1(s),   b₂ = hyper_b2(s)',
    ],
    lead: 'These are the weights of this very state:',
  },
  sum: {
    prose: [
      'VDN (Sunehag et al. 2018) has no hypernetworks and no mixing network: Q_tot is the plain sum of the agents’ Q-values, every agent with the weight 1 in every state.',
      'QMIX would look at the state here, and make from it the weights and the biases of a network of two layers with an ELU between them. The paper takes apart what each of these is worth: QMIX-Lin has no hidden layer, QMIX-NS has weights that do not depend on the state, and VDN-S adds to the sum a term that does.',
    ],
    equations: ['Q_tot(s, a) = Σᵢ Qᵢ(oᵢ, aᵢ)'],
  },
  none: {
    prose: [
      'This algorithm (IQL; PS-DQN where agents share one network) has no mixer: each agent learns from a TD error of its own.',
      'QMIX would look at the whole state here, in training only, and make from it the weights with which the agents’ Q-values are mixed into one Q_tot of the team.',
    ],
    equations: ['QMIX: w₁, b₁, w₂, b₂ = hypernetworks of s.   Here: none'],
  },
};

function mixing({ mixer, masked }: Told): StepText {
  switch (mixer) {
    case 'monotonic':
      return {
        prose: [
          'The mixer turns the Q-values of the chosen actions into Q_tot. No weight is negative, and the ELU rises everywhere: so Q_tot never falls when an agent’s Q-value rises, whatever the state.',
          `Therefore the joint action with the highest Q_tot is found without trying all of them: each agent takes its own best action${ofThose(masked)}.`,
        ],
        equations: ['Q_tot = w₂ · ELU(w₁ · Q + b₁) + b₂', '∂Q_tot/∂Qᵢ ≥ 0 for every agent i'],
        lead: 'Shift the agents’ Q-values and see: each curve climbs or stays level.',
      };
    case 'sum':
      return {
        prose: [
          'A sum is monotonic too: Q_tot rises by as much as any agent’s Q-value does. So here as well the best joint action is each agent’s own best one.',
          'But a sum can never say that an action’s worth depends on what the others do: its slope is 1 everywhere. QMIX bends it, and lets the state decide how much.',
        ],
        equations: ['Q_tot = Σᵢ Qᵢ', '∂Q_tot/∂Qᵢ = 1 for every agent i'],
      };
    case 'none':
      return {
        prose: [
          'There is no Q_tot here. Each agent takes its own best action, and nothing makes these choices fit together: while one agent learns, the world of the others changes.',
          'QMIX mixes the values monotonically, so that what is best for each agent is also what is best for the team, by the team’s own forecast.',
        ],
        equations: ['QMIX: Q_tot = w₂ · ELU(w₁ · Q + b₁) + b₂.   Here: Qᵢ alone'],
      };
  }
}

const TERMINATED =
  'Where the episode terminates there is no next state, and the target is the reward alone; one that only ran out of time has not terminated.';

function error({ mixer, masked }: Told): StepText {
  if (mixer === 'none') {
    return {
      prose: [
        'The team makes its greedy move. The reward that comes back, and what the target network, a slow copy, expects of the next state, are together what Qᵢ should have said: the target yᵢ.',
        `Each agent has a target and a TD error of its own, with the same reward for all. ${TERMINATED}`,
      ],
      equations: [
        `yᵢ = r + γ Qᵢ⁻(o′ᵢ, ${argMax(masked, 'o′ᵢ')})`,
        'δᵢ = yᵢ − Qᵢ(oᵢ, aᵢ),   loss = mean of δᵢ²',
      ],
      lead: 'Shown are the means over the agents.',
    };
  }
  return {
    prose: [
      'The team makes its greedy move. The reward that comes back, and what the target networks, slow copies of the learned ones, expect of the next state, are together what Q_tot should have said: the target y.',
      `The next joint action is the one the learned networks would take, and the target networks say what it is worth (Double-Q). ${TERMINATED}`,
    ],
    equations: [
      `y = r + γ Q_tot⁻(s′, a′),   a′ᵢ = ${argMax(masked, 'o′ᵢ')}`,
      'δ = y − Q_tot(s, a),   loss = mean of δ² over a batch',
    ],
  };
}

const UPDATE =
  'An update takes a batch of past transitions from replay and moves all weights a little so that their squared TD errors become smaller';
const ELSEWHERE =
  'A situation need not be in the batch: its numbers change by what is learned from others like it, and now and then a forecast gets worse before it gets better.';

const update: Readonly<Record<Told['mixer'], StepText>> = {
  monotonic: {
    prose: [
      `${UPDATE}. The error flows back through the mixer: an agent is told δ times its slope ∂Q_tot/∂Qᵢ, and the hypernetworks learn from the same error.`,
      ELSEWHERE,
    ],
    equations: ['θ ← θ − optimiser(∇ mean over the batch of δ²),   ∂δ²/∂Qᵢ = −2 δ ∂Q_tot/∂Qᵢ'],
  },
  sum: {
    prose: [`${UPDATE}. The sum hands the same error to every agent.`, ELSEWHERE],
    equations: ['θ ← θ − optimiser(∇ mean over the batch of δ²),   ∂δ²/∂Qᵢ = −2 δ'],
  },
  none: {
    prose: [`${UPDATE}: each agent’s by its own error.`, ELSEWHERE],
    equations: ['θ ← θ − optimiser(∇ mean over the batch and the agents of δᵢ²)'],
  },
};

/** The tour, in order. Names are those of Rashid et al. 2018. */
export const STEPS: readonly TourStep[] = [
  { view: 'agents', title: 'What each agent sees, and what it thinks of its actions', text: agents },
  {
    view: 'hypernetworks',
    title: 'Hypernetworks: the state makes the mixer’s weights',
    text: ({ mixer }) => hypernetworks[mixer],
  },
  { view: 'mixing', title: 'Monotonic mixing: what is best for each is best for all', text: mixing },
  { view: 'error', title: 'The TD error: how wrong the forecast was', text: error },
  { view: 'update', title: 'What one update changes', text: ({ mixer }) => update[mixer] },
];

export const SOURCES =
  'After T. Rashid, M. Samvelyan, C. Schroeder de Witt, G. Farquhar, J. Foerster and S. Whiteson, QMIX: Monotonic ' +
  'Value Function Factorisation for Deep Multi-Agent Reinforcement Learning, ICML 2018, section 4. The paper’s agents ' +
  'are recurrent and remember what they saw; these see the present alone.';
