// What is to be said of the numbers: an operation without a value, a Python `if` that turned, and
// where the flow back to the leaves dies: where a factor is below STILL.

class Refusals {
  constructor(live) {
    this.live = live;
    live.listeners.push(() => this.show());
    this.show();
  }

  show() {
    const said = [...this.refused(), ...this.turned()].join("<br>");
    const state = find(".state");
    if (state.innerHTML !== said) state.innerHTML = said;
    const why = this.live.output.lost ? "" : this.still();
    if (find(".why").innerHTML !== why) find(".why").innerHTML = why;
  }

  // Why the gradients of leaves are next to nothing: of every path to them, the first factor that
  // lets next to nothing through.
  still() {
    const { pass, nodes, steps, leaves, output } = this.live;
    const open = new Set([output.i]);
    const closes = ({ numbers }) => Math.abs(numbers.partial) < STILL;
    for (const step of steps) if (open.has(step.node) && !closes(step)) open.add(step.parent);
    const cut = leaves.filter((i) => !open.has(i) && Math.abs(pass.gradient[i]) < STILL);
    const above = new Set(cut);
    for (const { node, parent } of [...steps].reverse()) if (above.has(parent)) above.add(node);
    const ends = steps.filter(({ node, parent }) =>
      open.has(node) && above.has(parent) && !open.has(parent));
    if (!ends.length) return "";
    const least = cut.some((i) => pass.gradient[i]) ? "Next to nothing" : "Nothing";
    const to = several(cut.map((i) => nodes[i].name));
    return `${least} flows back to ${to}: ${several(ends.map((step) => this.slope(step)), 2)}.`;
  }

  slope({ node, parent, formula, alone, writtenText, numbers: { partial } }) {
    const [{ name, made }, operand] = [node, parent].map((i) => this.live.nodes[i]);
    const written = formula && writtenText !== short(partial) ? `${alone} = ` : "";
    return `the local derivative of ${name} = ${made} in ${operand.name} = ${operand.number} is ` +
      `${written}${typeset(partial)}`;
  }

  *refused() {
    const { live } = this;
    const [first] = live.pass.refused.keys();
    if (first === undefined) return;
    const { operands, operation, remedy } = live.all[first];
    const nodes = operands.map((operand) => live.all[operand]);
    const names = nodes.map(({ name }, k) => name ?? `operand ${k + 1}`);
    const given = live.pass.refused.get(first).flatMap((x, k) => {
      return nodes[k].kind === "constant" ? [] : [`${names[k]} = ${typeset(x)}`];
    });
    const cure = remedy ? `; ${filled(remedy, names)}` : "";
    yield `${filled(operation ?? "An operation", names)} at ${given.join(", ")}: no value${cure}.`;
  }

  *turned() {
    for (const { question, source, held } of this.live.pass.flipped.slice(0, 3)) {
      yield `${escaped(question)} was ${held} when this graph was recorded` +
        `${source ? ` (${escaped(source)})` : ""}: the page follows the branch that was taken then, ` +
        "so what is shown is not the program’s result at these numbers.";
    }
  }
}

// Some of these, and how many more.
function several(texts, most = 6) {
  const rest = texts.length > most ? [`${texts.length - most} more`] : [];
  const said = [...texts.slice(0, most), ...rest];
  return said.length > 1 ? `${said.slice(0, -1).join(", ")} and ${said.at(-1)}` : said[0];
}
