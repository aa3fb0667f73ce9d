// What is to be said of the numbers: an operation without a value, a Python `if` that turned.

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
