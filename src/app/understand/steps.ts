import type { Mixer } from './mixing.ts';

/** What a step of the tour says to those who learn with one kind of mixer. */
export interface StepText {
  readonly prose: readonly string[];
  /** In symbols. */
  readonly equations: readonly string[];
}

export interface TourStep {
  readonly view: 'agents' | 'hypernetworks' | 'mixing' | 'error' | 'update';
  readonly title: string;
  readonly text: Readonly<Record<Mixer, StepText>>;
}

const greedyEquations = ['Qᵢ(oᵢ, ·) = agent network i of oᵢ', 'aᵢ = arg maxₐ Qᵢ(oᵢ, a)'];
const utility: StepText = {
  prose: [
    'An agent sees its own observation oᵢ and nothing else. Its network gives each action a Q-value, and acting greedily it takes the action with the highest one: nobody has to be asked.',
    'Alone, Qᵢ forecasts nothing: it ranks the agent’s actions. What is trained to be the team’s discounted reward is Q_tot, which is made of the Q-values of all agents, as the next steps show.',
  ],
  equations: greedyEquations,
};

/** The tour, in order. Names are those of Rashid et al. 2018. */
export const STEPS: readonly TourStep[] = [
  {
    view: 'agents',
    title: 'What each agent sees, and what it thinks of its actions',
    text: {
      monotonic: utility,
      sum: utility,
      none: {
        prose: [
          'An agent sees its own observation oᵢ and nothing else. Its network gives each action a Q-value, and acting greedily it takes the action with the highest one: nobody has to be asked.',
          'Without a mixer each Qᵢ is a forecast of its own: the team’s discounted reward after the agent’s action, with the other agents taken for a part of the environment.',
        ],
        equations: greedyEquations,
      },
    },
  },
  {
    view: 'hypernetworks',
    title: 'Hypernetworks: the state makes the mixer’s weights',
    text: {
      monotonic: {
        prose: [
          'The network that mixes the agents’ Q-values has no weights of its own. Four hypernetworks look at the whole state s and make them anew for every state; they are needed in training only, so that the agents still act alone.',
          'The weights w₁ and w₂ are passed through softplus, or the absolute value as in the paper, so that none of them is negative. The biases b₁ and b₂ may be anything. These are the weights of this very state:',
        ],
        equations: [
          'w₁ = softplus(hyper_w1(s)) ≥ 0,   w₂ = softplus(hyper_w2(s)) ≥ 0   (or |·| for softplus)',
          'b₁ = hyper_b1(s),   b₂ = hyper_b2(s)',
        ],
      },
      sum: {
        prose: [
          'VDN (Sunehag et al. 2018) has no hypernetworks and no mixing network: Q_tot is the plain sum of the agents’ Q-values, every agent with the weight 1 in every state.',
          'QMIX would look at the state here, and make weights from it: that is all that sets the two apart.',
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
    },
  },
  {
    view: 'mixing',
    title: 'Monotonic mixing: what is best for each is best for all',
    text: {
      monotonic: {
        prose: [
          'The mixer turns the Q-values of the chosen actions into Q_tot. No weight is negative, and the ELU rises everywhere: so Q_tot never falls when an agent’s Q-value rises, whatever the state.',
          'Therefore the joint action with the highest Q_tot is found without trying all of them: each agent takes its own best action. Shift the agents’ Q-values and see: each curve climbs or stays level.',
        ],
        equations: ['Q_tot = w₂ · ELU(w₁ · Q + b₁) + b₂', '∂Q_tot/∂Qᵢ ≥ 0 for every agent i'],
      },
      sum: {
        prose: [
          'A sum is monotonic too: Q_tot rises by as much as any agent’s Q-value does. So here as well the best joint action is each agent’s own best one.',
          'But a sum can never say that an action’s worth depends on what the others do: its slope is 1 everywhere. QMIX bends it, and lets the state decide how much.',
        ],
        equations: ['Q_tot = Σᵢ Qᵢ', '∂Q_tot/∂Qᵢ = 1 for every agent i'],
      },
      none: {
        prose: [
          'There is no Q_tot here. Each agent takes its own best action, and nothing makes these choices fit together: while one agent learns, the world of the others changes.',
          'QMIX mixes the values monotonically, so that what is best for each agent is also what is best for the team, by the team’s own forecast.',
        ],
        equations: ['QMIX: Q_tot = w₂ · ELU(w₁ · Q + b₁) + b₂.   Here: Qᵢ alone'],
      },
    },
  },
  {
    view: 'error',
    title: 'The TD error: how wrong the forecast was',
    text: {
      monotonic: teamError('Q_tot'),
      sum: teamError('Q_tot'),
      none: {
        prose: [
          'The team makes its greedy move from here. The reward that comes back, and what the target network, a slow copy, expects of the next state, are together what Qᵢ should have said: the target yᵢ.',
          'Each agent has a target and a TD error of its own, with the same reward for all. Shown are the means over the agents. Where the episode ends in success, the target is the reward alone.',
        ],
        equations: ['yᵢ = r + γ Qᵢ⁻(o′ᵢ, arg maxₐ Qᵢ(o′ᵢ, a))', 'δᵢ = yᵢ − Qᵢ(oᵢ, aᵢ),   loss = mean of δᵢ²'],
      },
    },
  },
  {
    view: 'update',
    title: 'What one update changes',
    text: {
      monotonic: {
        prose: [
          'An update takes a batch of past transitions from replay and moves all weights a little so that their squared TD errors become smaller. The error flows back through the mixer: an agent is told δ times its slope ∂Q_tot/∂Qᵢ, and the hypernetworks learn from the same error.',
          'This situation need not be in the batch: what changes here, it learns from others like it, and now and then a forecast gets worse before it gets better.',
        ],
        equations: ['θ ← θ − optimiser(∇ mean over the batch of δ²),   ∂δ²/∂Qᵢ = −2 δ ∂Q_tot/∂Qᵢ'],
      },
      sum: {
        prose: [
          'An update takes a batch of past transitions from replay and moves all weights a little so that their squared TD errors become smaller. The sum hands the same error to every agent.',
          'This situation need not be in the batch: what changes here, it learns from others like it, and now and then a forecast gets worse before it gets better.',
        ],
        equations: ['θ ← θ − optimiser(∇ mean over the batch of δ²),   ∂δ²/∂Qᵢ = −2 δ'],
      },
      none: {
        prose: [
          'An update takes a batch of past transitions from replay and moves all weights a little so that their squared TD errors become smaller: each agent’s by its own error.',
          'This situation need not be in the batch: what changes here, it learns from others like it, and now and then a forecast gets worse before it gets better.',
        ],
        equations: ['θ ← θ − optimiser(∇ mean over the batch and the agents of δᵢ²)'],
      },
    },
  },
];

export const SOURCES =
  'After T. Rashid, M. Samvelyan, C. Schroeder de Witt, G. Farquhar, J. Foerster and S. Whiteson, QMIX: Monotonic ' +
  'Value Function Factorisation for Deep Multi-Agent Reinforcement Learning, ICML 2018, section 4. The paper’s agents ' +
  'are recurrent and remember what they saw; these see the present alone.';

function teamError(total: string): StepText {
  return {
    prose: [
      `The team makes its greedy move from here. The reward that comes back, and what the target networks, slow copies of the learned ones, expect of the next state, are together what ${total} should have said: the target y.`,
      'The next joint action is the one the learned networks would take, and the target networks say what it is worth (Double-Q). Where the episode ends in success, there is no next state, and the target is the reward alone.',
    ],
    equations: [
      `y = r + γ ${total}⁻(s′, a′),   a′ᵢ = arg maxₐ Qᵢ(o′ᵢ, a)`,
      `δ = y − ${total}(s, a),   loss = mean of δ² over a batch`,
    ],
  };
}
