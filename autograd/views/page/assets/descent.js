// Gradient descent: w ← w − λ ∂L/∂w for the leaves that are learned, and the losses on the way.

const WRITTEN = 6; // updates that are written as equations
const KEPT = 1000; // losses

class Descent {
  constructor(live, history) {
    Object.assign(this, { live, history });
    this.card = find(".descent");
    this.chart = new Chart(find(".descent .body"));
    const parameters = live.free.filter((i) => live.nodes[i].kind === "parameter");
    this.learned = new Set(parameters.length ? parameters : live.free);
    this.card.addEventListener("toggle", () => this.show());
    find(".descent .rate").addEventListener("input", () => this.show());
    for (const [name, count] of [["one", 1], ["ten", 10]]) {
      find(`.descent .${name}`).addEventListener("click", () => this.step(count));
    }
    find(".descent .learned").addEventListener("change", ({ target }) => {
      this.learned[target.checked ? "add" : "delete"](Number(target.value));
      this.show();
    });
    live.listeners.push(() => this.show());
  }

  get rate() {
    return Number((10 ** find(".descent .rate").value).toPrecision(2));
  }

  // Where a pass leads: the learned leaves and their next numbers.
  next(pass) {
    return [...this.learned].map((i) => [i, pass.numbers[i] - this.rate * pass.gradient[i]]);
  }

  step(count) {
    const { history, live } = this;
    history.flush();
    let { pass } = live;
    let moved = new Map();
    const trail = history.trail.length ? [...history.trail] : [pass.result];
    let why = Number.isFinite(pass.result) ? "" : "The loss has no value here";
    for (let k = 0; k < count && !why; k += 1) {
      const next = this.next(pass);
      if (!next.every(([, x]) => Number.isFinite(x))) {
        why = "Stopped: the next numbers would not be finite";
        break;
      }
      moved = new Map(next);
      pass = live.at(moved);
      trail.push(pass.result);
      if (!Number.isFinite(pass.result)) why = `Stopped after ${k + 1}: the loss has no value there`;
    }
    history.move(moved, null, trail.slice(-KEPT));
    history.flush();
    history.tell(why && `${why}. A smaller learning rate may help.`);
  }

  choices() {
    const box = (i) => {
      const input = make("input", { type: "checkbox", value: i });
      input.checked = this.learned.has(i);
      const name = make("span");
      name.innerHTML = this.live.nodes[i].name;
      return make("label", {}, input, name);
    };
    find(".descent .learned").append(...this.live.free.map(box));
  }

  show() {
    if (!this.card.open) return;
    if (find(".descent .learned").childElementCount < 2) this.choices();
    find(".descent output").innerHTML = `λ = ${typeset(this.rate)}`;
    find(".descent .rate").setAttribute("aria-valuetext", short(this.rate));
    find(".descent .updates").innerHTML = this.updates();
    const losses = this.history.trail.length ? this.history.trail : [this.live.pass.result];
    const last = losses.length - 1;
    const up = this.live.output.said;
    const ends = `from ${short(losses[0])} to ${short(losses[last])}`;
    const said = `${up} after each of ${last} steps, ${ends}`;
    const found = losses.filter(Number.isFinite);
    const across = [[0, 1.02 * Math.max(last, 10)], "steps"];
    this.chart.begin(across, [span(found.length ? found : [0, 1]), up], said);
    this.chart.line(losses.map((_, k) => k), losses, "curve");
    this.chart.point(last, losses[last]);
  }

  updates() {
    const { live } = this;
    if (live.pass.lost.has(live.pass.output)) return "";
    const next = this.next(live.pass);
    const rows = next.slice(0, WRITTEN).map(([i, x]) => {
      const { name, number, derivative: slope } = live.nodes[i];
      const symbols = `${name} − λ ${slope}`;
      const numbers = `${number} − ${typeset(this.rate)} · ${factor(live.pass.gradient[i])}`;
      return cell("left", name) + cell("relation", "←") + cell("side", symbols) +
        cell("result", `= ${numbers} = <strong>${typeset(x)}</strong>`);
    });
    if (next.length > WRITTEN) rows.push(cell("side", `… and ${next.length - WRITTEN} more`));
    return rows.join("");
  }
}
