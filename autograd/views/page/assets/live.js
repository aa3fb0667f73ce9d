// The graph, computed here: numbers forward, derivatives backward, by the rules of the engine.
//
// MADE_BY has the rules of the graph as functions from operands to [value, slopes]; Python has
// written them from its own. A pass takes the nodes in the order of Python's, so that sums come
// out the same to the last bit.

class Pass {
  // `moved` has other numbers for leaves, by their places.
  constructor(graph, moved = new Map()) {
    this.graph = graph;
    this.numbers = [];
    this.partials = [];
    this.refused = new Map(); // the nodes that have no value, and their operands' numbers
    this.lost = new Set(); // those, and what depends on them
    graph.all.forEach((node, i) => this.compute(node, i, moved));
    this.flipped = graph.guards.filter(({ sign, operands: [x, y], held }) => {
      return COMPARED[sign](this.numbers[x], this.numbers[y]) !== held;
    });
    this.adjoints = null;
  }

  compute({ given, partials, operands, rule, chooses }, i, moved) {
    if (rule === undefined) {
      this.numbers[i] = moved.get(i) ?? given;
      this.partials[i] = partials ?? [];
      return;
    }
    const inputs = operands.map((operand) => this.numbers[operand]);
    const [value, slopes] = MADE_BY[rule](...inputs);
    this.numbers[i] = Number(value); // a comparison answers true or false
    this.partials[i] = slopes;
    if (!Number.isFinite(this.numbers[i]) && inputs.every(Number.isFinite)) this.refused.set(i, inputs);
    const used = (operand, k) => this.lost.has(operand) && !(chooses && Number(slopes[k]) === 0);
    if (this.refused.has(i) || (this.lost.size && operands.some(used))) this.lost.add(i);
  }

  // Whether every operation has a value.
  get good() {
    return !this.refused.size;
  }

  get output() {
    return this.graph.nodes.length - 1;
  }

  // The number of the output, if it has one.
  get result() {
    return this.lost.has(this.output) ? NaN : this.numbers[this.output];
  }

  // The derivative of the output in each node, and for each step what it finds and leaves.
  back() {
    if (this.adjoints) return this;
    const { nodes, steps } = this.graph;
    this.adjoints = new Float64Array(nodes.length);
    this.adjoints[this.output] = 1;
    this.walked = steps.map(({ node, parent, position }) => {
      const [upstream, before] = [this.adjoints[node], this.adjoints[parent]];
      const partial = Number(this.partials[node][position]);
      const contribution = CONTRIBUTION(upstream, partial, nodes[node].chooses);
      const after = (this.adjoints[parent] = before + contribution);
      return { upstream, partial, contribution, before, after };
    });
    return this;
  }

  get gradient() {
    return this.back().adjoints;
  }

  // How much of each derivative could be rounding, as rounding_noise of Python.
  get noise() {
    if (this.rounding) return this.rounding;
    const bounds = new Float64Array(this.gradient.length);
    bounds[this.output] = 1e-12;
    for (const { node, parent, position } of this.graph.steps) {
      bounds[parent] += CONTRIBUTION(bounds[node], Math.abs(this.partials[node][position]));
    }
    const largest = this.gradient.filter(Number.isFinite).reduce((x, y) => Math.max(x, Math.abs(y)), 0);
    this.rounding = bounds.map((bound) => (bound < 1e-6 * largest ? bound : 1e-6 * largest));
    return this.rounding;
  }

  // Whether all has a value, and every choice comes out as in another pass.
  isLike(other) {
    if (!this.good || this.flipped.length) return false;
    return this.partials.every((slopes, i) => {
      if (!this.graph.all[i].edges.some(({ bends }) => bends) && !this.graph.all[i].chooses) return true;
      return slopes.every((slope, k) => Math.sign(slope) === Math.sign(other.partials[i][k]));
    });
  }

  // For the reader of answers.

  number(node) {
    return this.numbers[node];
  }

  // By every path that meets none of the nodes that are held fixed.
  derivative(above, below, held) {
    const adjoints = { [above]: 1 };
    for (let node = above; node > below; node -= 1) {
      if (!(node in adjoints) || held.includes(node)) continue;
      this.graph.all[node].operands?.forEach((parent, k) => {
        const passed = CONTRIBUTION(adjoints[node], this.partials[node][k], this.graph.all[node].chooses);
        adjoints[parent] = (adjoints[parent] || 0) + passed;
      });
    }
    return adjoints[below] || 0;
  }

  local(above, below, operand, refuse) {
    const { operands = [] } = this.graph.all[above];
    const slopes = this.partials[above].filter((_, k) => operands[k] === below);
    if (operand > slopes.length) refuse();
    return slopes[operand - 1];
  }
}

const LOST = "—"; // for a number that there is none of

const COMPARED = {
  "<": (x, y) => x < y,
  "≤": (x, y) => x <= y,
  ">": (x, y) => x > y,
  "≥": (x, y) => x >= y,
  "=": (x, y) => x === y,
  "≠": (x, y) => x !== y,
};

// A node as the views show it: what is written of it, and its number at the moment.
class LiveNode {
  constructor(live, i, { number, partials, ...known }) {
    Object.assign(this, { live, i, operands: [], edges: [], kind: "operation" }, known);
    this.given = number === undefined ? undefined : toNumber(number);
    this.partials = partials?.map(toNumber);
  }

  get value() {
    return this.live.pass.numbers[this.i];
  }

  get lost() {
    return this.live.pass.lost.has(this.i);
  }

  get short() {
    return this.lost ? LOST : short(this.value);
  }

  get number() {
    return this.lost ? LOST : typeset(this.value);
  }

  get exact() {
    return this.lost ? LOST : exactly(this.value);
  }

  // The local derivative in an operand.
  slope(position) {
    return this.lost ? LOST : short(Number(this.live.pass.partials[this.i][position]));
  }

  get derivative() {
    const { output } = this.live;
    return derivative([output.name, this.name], [output.said, this.said]);
  }

  // The operation that made it, in names and in numbers.
  get made() {
    return filled(this.operation ?? "", this.operands.map((p) => this.live.nodes[p].name));
  }

  get inNumbers() {
    const number = ({ lost, value }) => (lost ? LOST : value);
    return filled(this.operation ?? "", this.operands.map((p) => number(this.live.nodes[p])));
  }

  // As a position of the forward pass.
  get sides() {
    return [...new Set([this.made, this.inNumbers])];
  }

  get text() {
    const made = filled(spoken(this.operation), this.operands.map((p) => this.live.nodes[p].said));
    return `${this.said} = ${made} = ${this.short}`;
  }
}

// A step of the backward pass as the views show it.
class LiveStep {
  constructor(live, i, known) {
    Object.assign(this, { live, i }, known);
    const { operands, edges, name, said } = live.nodes[this.node];
    const { held = [], which = "", formula = "", loose, bends } = edges[this.position];
    const of = (key, nodes) => nodes.map((node) => live.nodes[node][key]);
    const symbol = (key) => [live.nodes[this.node][key], live.nodes[this.parent][key], of(key, held), which];
    this.local = derivative(symbol("name"), symbol("said"));
    this.localText = onTheLine(...symbol("said"));
    this.alone = filled(formula, of("name", operands), name);
    this.written = loose ? `(${this.alone})` : this.alone;
    this.writtenText = filled(spoken(formula), of("said", operands), said);
    this.bends = bends;
  }

  // Whether the formula of the local derivative holds: elsewhere than where it was made it may be
  // another.
  get holds() {
    const { first, pass, nodes } = this.live;
    const stays = (p) => Object.is(pass.numbers[p], first.numbers[p]);
    return !this.bends || nodes[this.node].operands.every(stays);
  }

  get formula() {
    return this.holds ? this.written : "";
  }

  get numbers() {
    return this.live.pass.back().walked[this.i];
  }

  get upstream() {
    return typeset(this.numbers.upstream);
  }

  get before() {
    return typeset(this.numbers.before);
  }

  get after() {
    return typeset(this.numbers.after);
  }

  get exact() {
    return exactly(this.numbers.after);
  }

  get factor() {
    return factor(this.numbers.partial);
  }

  get short() {
    return this.live.nodes[this.node].slope(this.position);
  }

  get contribution() {
    return typeset(this.numbers.contribution);
  }

  get change() {
    const { contribution } = this.numbers;
    const sign = contribution < 0 || Object.is(contribution, -0) ? "−" : "+";
    return `${sign} ${typeset(Math.abs(contribution))}`;
  }

  // What stands in the box of the operand after the step.
  get box() {
    const uses = this.reported + this.pending;
    return `grad ${short(this.numbers.after)}${uses > 1 ? ` (${this.reported} of ${uses})` : ""}`;
  }

  // What is to be said of 0 · ∞.
  get note() {
    const { upstream, partial } = this.numbers;
    const met = (x, y) => x === 0 && Math.abs(y) === Infinity;
    return met(upstream, partial) || met(partial, upstream) ? " (0 · ∞, undefined, taken as 0)" : "";
  }

  get text() {
    const { upstream, partial, contribution } = this.numbers;
    const of = (node) => onTheLine(this.live.output.said, this.live.nodes[node].said);
    const number = short(partial);
    const shielded = number.startsWith("-") ? `(${number})` : number;
    const slope = this.formula ? `(${this.writtenText} = ${number})` : shielded;
    const symbols = `${of(this.parent)} += ${of(this.node)} · ${this.localText}`;
    if (this.live.output.lost) return `${symbols} = ${LOST}`;
    return `${symbols} = ${short(upstream)} · ${slope} = ${short(contribution)}${this.note}`;
  }
}

// What was written down when the page was made, worked out at the numbers of the moment.
class Working {
  constructor(live) {
    this.live = live;
  }

  // All numbers, worked out once for a pass.
  get numbers() {
    const { pass } = this.live;
    if (this.pass !== pass) {
      this.pass = pass;
      const slopes = pass.partials.map((row) => row.map(Number));
      this.known = FOLLOWED(pass.numbers, slopes, pass.gradient);
    }
    return this.known;
  }

  filled(template) {
    return filled(template, this.numbers);
  }
}

const MOVED = 30; // how many leaves are moved alone
const SCALES = [0.25, -0.2, 0.1, -0.05, 0.02, -0.01, 1e-3];

// The graph of a page, at the numbers that its leaves have at the moment.
class Live {
  constructor({ nodes, others, guards, leaves }) {
    this.all = [...nodes, ...others].map((node, i) => new LiveNode(this, i, node));
    this.nodes = this.all.slice(0, nodes.length);
    this.guards = guards;
    this.leaves = leaves;
    this.forward = this.nodes.filter(({ operands }) => operands.length);
    this.steps = [...this.walk()].map((step, i) => new LiveStep(this, i, step));
    this.moved = new Map();
    this.listeners = [];
    this.working = new Working(this);
    this.first = this.pass = new Pass(this);
  }

  get output() {
    return this.nodes.at(-1);
  }

  // The steps of the backward pass, in the engine's order; none lead to constants.
  *walk() {
    const uses = this.nodes.map(() => 0);
    for (const { operands } of this.nodes) for (const parent of operands) uses[parent] += 1;
    const reported = this.nodes.map(() => 0);
    for (let node = this.nodes.length - 1; node >= 0; node -= 1) {
      for (const [position, parent] of this.nodes[node].operands.entries()) {
        if (this.nodes[parent].kind === "constant") continue;
        reported[parent] += 1;
        const pending = uses[parent] - reported[parent];
        yield { node, parent, position, reported: reported[parent], pending };
      }
    }
  }

  // The leaves that can be changed.
  get free() {
    return this.leaves.filter((i) => !this.nodes[i].frozen);
  }

  // Give leaves other numbers, a map from their places, and tell everybody.
  move(numbers) {
    const moved = new Map([...this.moved, ...numbers]);
    for (const [i, x] of moved) if (Object.is(x, this.nodes[i].given)) moved.delete(i);
    this.moved = moved;
    this.pass = new Pass(this, moved);
    for (const listener of this.listeners) listener();
  }

  // Give every leaf the number that it came with.
  reset() {
    this.moved = new Map();
    this.move([]);
  }

  // The graph at other numbers near these, of each leaf alone and of all, on the same branch; as
  // points_near of Python.
  get elsewhere() {
    if (this.near?.here === this.pass) return this.near.found;
    const alone = this.leaves.slice(0, MOVED).map((i) => [i]);
    const together = this.leaves.length > 1 ? [this.leaves] : [];
    const found = [...alone, ...together].flatMap((moved) => this.around(moved));
    this.near = { here: this.pass, found };
    return found;
  }

  // Two points where some leaves have other numbers.
  around(moved) {
    const found = [];
    for (const [k, scale] of SCALES.entries()) {
      const numbers = moved.map((i, j) => {
        const x = this.pass.numbers[i];
        const by = scale * (j ? [-1, 1, 0.6, -0.6][(j * 7 + k) % 4] : 1);
        const other = x + by * (Math.abs(x) || 1);
        const brief = Number(other.toPrecision(3));
        return [i, brief === x ? other : brief];
      });
      const pass = this.at(numbers);
      if (pass.isLike(this.pass)) found.push({ pass, moved });
      if (found.length === 2) break;
    }
    return found;
  }

  // A pass at other numbers of some leaves, which changes nothing here.
  at(numbers) {
    return new Pass(this, new Map([...this.moved, ...numbers]));
  }
}
