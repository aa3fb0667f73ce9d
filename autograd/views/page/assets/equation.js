// The equation of a step, and the derivation of a node: what the engine computed, typeset.

const FORWARD =
  "The forward pass computes every number from those before it. What each operation records for " +
  "the way back are its local derivatives.";
const BACKWARD =
  "Each step takes a derivative that is complete, multiplies it by a local derivative, and adds " +
  "the product to the gradient of an operand.";
const NOTHING = "An operation has no value at these numbers, so there is nothing to differentiate.";
const MANY = 12; // terms of a sum, uses of a node

class Equations {
  constructor(live, sums = {}) {
    this.live = live;
    this.sums = sums;
    this.last = live.nodes.length - 1;
  }

  // What the position is about, its equation, and what comes of it.
  shown(view) {
    const step = this.live.steps[view.done - 1];
    if (view.begun && this.live.output.lost) return ["No gradient", "", intro(NOTHING)];
    if (step) return this.step(step);
    if (view.begun) {
      const { derivative } = this.live.nodes[this.last];
      const row = cell("left", derivative) + cell("relation", "=") + cell("upstream", "1");
      return ["The backward pass begins", grid(row), intro(BACKWARD)];
    }
    return view.operation ? this.computed(view.operation) : this.given();
  }

  given() {
    const leaves = this.live.leaves.map((i) => this.live.nodes[i]);
    const shown = leaves.slice(0, MANY).map(({ name, number }) => cell("", `${name} = ${number}`));
    if (leaves.length > MANY) shown.push(cell("", `… and ${leaves.length - MANY} more`));
    return ["The forward pass begins", `<p class="given">${shown.join("")}</p>`, intro(FORWARD)];
  }

  computed({ name, sides, number, exact }) {
    const [first, ...rest] = [...sides, `<strong>${number}</strong>`];
    const more = rest.map((side) => equation("", side)).join("");
    return [`Compute ${name}`, grid(equation(name, first) + more), inFull(exact)];
  }

  // Symbols, then formula, then numbers, one below the other; and the operand's total.
  step(step) {
    const [from, to] = [step.node, step.parent].map((i) => this.live.nodes[i]);
    const labels = { left: "gradient", upstream: "upstream", local: "local derivative" };
    const under = Object.entries(labels).map(([kind, text]) => cell(`label ${kind}`, text)).join("");
    const row = (left, relation, upstream, local, result = "") =>
      cell("left", left) + cell("relation", relation) + cell("upstream", upstream) +
      cell("times", "·") + cell("local", local) + (result && cell("result", `= ${result}`));
    const body =
      row(to.derivative, "+=", from.derivative, step.local) + under +
      (step.formula && row("", "=", step.upstream, step.formula)) +
      row("", "=", step.upstream, step.factor, step.contribution);
    const all = step.reported + step.pending;
    const words = all === 1 ? "its only use has reported" : `${step.reported} of ${all} uses reported`;
    const total =
      `<p class="sum">${to.derivative} = ${step.before} ${step.change} = ` +
      `<strong>${step.after}</strong></p><p class="reports">${pips(step.reported, all)}${words}</p>`;
    return [`From ${from.name} to its operand ${to.name}`, grid(body), total];
  }

  // A node: its value, its operation, and the sum over the nodes that use it.
  derivation(i, view, held) {
    const { name, kind, made, number, exact, derivative } = this.live.nodes[i];
    const known = !view.unknown.has(i);
    const sides = [kind === "constant" ? "" : name, made, known ? number : "?"];
    const uses = this.live.steps.flatMap((step, at) => (step.parent === i ? [at] : []));
    const one = view.begun ? "1, where the backward pass begins" : "?";
    const seed = `<p class="sum">${derivative} = ${one}</p>`;
    const definition = `<p class="definition">${sides.filter(Boolean).join(" = ")}</p>`;
    const told = held && !view.question && view.last(i) !== undefined;
    const paths = told ? this.paths(i) : ""; // of what was clicked on: a panel that follows stays as high
    const gradient = this.live.output.lost ? "" : uses.length ? this.terms(i, uses, view) : i === this.last ? seed : "";
    return definition + (known ? inFull(exact) : "") + gradient + paths;
  }

  // The sum over paths of a leaf: in symbols, in formulas, in numbers, and in all.
  paths(i) {
    const groups = this.sums[i];
    if (!groups || this.live.output.lost) return "";
    const { pass, first, nodes, working } = this.live;
    const like = pass.isLike(first);
    const known = groups.filter((_, k) => like || !k || k >= groups.length - 2); // no formulas
    const term = (text, k, { length }) => {
      const shown = working.filled(text);
      const part = length > 1 && /^[-−]/.test(spoken(shown)) ? `(${shown})` : shown;
      return `<span>${k ? "+ " : ""}${part}</span>`;
    };
    const sides = new Set(known.map((terms) => terms.map(term).join(" ")));
    const rows = [...sides].map((side, k) => equation(k ? "" : nodes[i].derivative, side));
    return `<h3>Sum over paths</h3><div class="grid sums">${rows.join("")}</div>`;
  }

  terms(i, uses, view) {
    const { derivative } = this.live.nodes[i];
    const rows = uses.slice(0, MANY).map((at, place) => {
      const { node, upstream, factor, contribution, local } = this.live.steps[at];
      const shown = at < view.done ? `= ${upstream} · ${factor} = ${contribution}` : "= ?";
      const off = view.question ? "disabled" : "";
      const button = `<button type="button" class="link" data-step="${at}" ${off}>step ${at + 1}</button>`;
      return (
        cell("left", place ? "" : derivative) + cell("relation", place ? "+" : "=") +
        cell("symbols", `${this.live.nodes[node].derivative}<span>·</span>${local}`) +
        cell("numbers", shown) + cell("where", button)
      );
    });
    if (uses.length > MANY) rows.push(cell("more", `… and ${uses.length - MANY} more`));
    const total = this.live.steps[view.last(i)];
    const pending = total?.pending ? ` so far, ${total.pending} to come` : "";
    const sum = total ? `<strong>${total.after}</strong>${pending}` : "?";
    rows.push(cell("left") + cell("relation", "=") + cell("total", sum));
    const exact = total && !total.pending ? inFull(total.exact) : "";
    return `<div class="terms">${rows.join("")}</div>${exact}`;
  }
}

const grid = (rows) => `<div class="grid">${rows}</div>`;
const intro = (text) => `<p class="intro">${text}</p>`;
const equation = (left, side) =>
  cell("left", left) + cell("relation", "=") + cell("side", side);
const inFull = (exact) => `<p class="exact">exactly ${exact.replace("-", "−")}</p>`;

function pips(reported, all) {
  if (all === 1 || all > MANY) return "";
  const dots = "●".repeat(reported) + "○".repeat(all - reported);
  return `<span class="pips" aria-hidden="true">${dots}</span>`;
}
