// The output against one leaf, all others as they are, and its tangent at the present number.

const POINTS = 120;
const QUICK = 300; // nodes up to which the curve is drawn with every frame

class Tangent {
  constructor(live, history, leaves) {
    Object.assign(this, { live, history, leaves });
    this.card = find(".tangent");
    this.choice = find(".tangent select");
    this.chart = new Chart(find(".tangent .body"));
    const named = (i) => make("option", { value: i }, live.nodes[i].said);
    this.choice.append(...live.free.map(named));
    this.choice.addEventListener("change", () => this.show());
    this.card.addEventListener("toggle", () => this.show());
    live.listeners.push(() => this.follow());
  }

  follow() {
    const { latest } = this.history;
    if (latest !== this.latest) this.choice.value = this.latest = latest;
    this.show();
  }

  // The curve stays as long as no other leaf has moved.
  show() {
    if (!this.card.open) return;
    const { live } = this;
    const leaf = Number(this.choice.value);
    const far = this.leaves.reaches.get(leaf);
    const others = [...live.moved].filter(([i]) => i !== leaf);
    const key = [leaf, far, ...others].join();
    clearTimeout(this.timer);
    if (key === this.key) return this.draw(leaf);
    this.card.classList.add("stale");
    const now = () => {
      this.key = key;
      this.compute(leaf, far);
      this.draw(leaf);
    };
    if (live.nodes.length <= QUICK) now();
    else this.timer = setTimeout(now, 120);
  }

  compute(leaf, far) {
    this.xs = Array.from({ length: POINTS + 1 }, (_, k) => far * ((2 * k) / POINTS - 1));
    this.ys = this.xs.map((x) => this.live.at(new Map([[leaf, x]])).result);
    const found = this.ys.filter(Number.isFinite).sort((a, b) => a - b);
    const most = Math.floor(found.length / 40); // what shoots up is cut off
    this.span = found.length ? span([found[most], found.at(-1 - most)]) : [-1, 1];
    this.far = far;
  }

  draw(leaf) {
    const { pass, output, nodes } = this.live;
    const [x, y, slope] = [pass.numbers[leaf], pass.result, pass.gradient[leaf]];
    const [low, high] = this.span;
    const ys = Math.abs(y) < 1e307 ? [Math.min(low, y), Math.max(high, y)] : this.span;
    const [across, up] = [nodes[leaf].said, output.said];
    const at = Number.isFinite(y) ? `${up} = ${short(y)}, slope ${short(slope)}` : "no value";
    const range = `${up} against ${across} from ${-this.far} to ${this.far}`;
    const said = `${range}; at ${across} = ${short(x)}: ${at}`;
    this.chart.begin([[-this.far, this.far], across], [ys, up], said);
    this.chart.line(this.xs, this.ys, "curve");
    const ends = [-this.far, this.far];
    this.chart.line(ends, ends.map((end) => y + slope * (end - x)), "touching");
    this.chart.point(x, y);
    const number = output.lost ? LOST : typeset(slope);
    find(".tangent .sum").innerHTML = `${nodes[leaf].derivative} = ${number}`;
    this.card.classList.remove("stale");
  }
}
