// How far the passes have gone, and what an open question keeps hidden.
//
// A walk has a position for each operation of the forward pass, one where the backward pass begins,
// and one for each of its steps.
class View {
  constructor(live, position, question, revealed = false) {
    const { forward, steps } = live;
    this.live = live;
    this.question = question;
    this.revealed = revealed;
    this.whole = question?.part === "gradient"; // of which no step is shown
    this.asked = this.whole ? undefined : question?.step;
    this.computed = question ? forward.length : Math.min(position, forward.length);
    this.begun = Boolean(question) || position > forward.length;
    const told = revealed && ["product", "sum over uses"].includes(question.part);
    const reached = this.whole ? (revealed ? steps.length : 0) : question?.step + Number(told);
    this.done = question ? reached : Math.max(0, position - forward.length - 1);
    this.unknown = new Set(forward.slice(this.computed).map(({ i }) => i));
    this.latest = new Map();
    for (let i = 0; i < this.done; i += 1) this.latest.set(steps[i].parent, i);
  }

  // The operation that the forward pass has come to.
  get operation() {
    return this.begun ? undefined : this.live.forward[this.computed - 1];
  }

  // The step that the backward pass has come to, or that is asked about.
  get current() {
    return this.asked ?? this.done - 1;
  }

  // The last step so far that has added to a node.
  last(node) {
    return this.latest.get(node);
  }

  // Whether every local derivative is kept hidden.
  get hidesAll() {
    return this.whole && !this.revealed;
  }

  // Whether the local derivative of a step is kept hidden.
  hides(step) {
    if (this.whole) return this.hidesAll;
    if (!this.question) return this.unknown.has(this.live.steps[step].node);
    const open = this.question.part === "local derivative" && !this.revealed;
    return step > this.asked || (step === this.asked && open);
  }

  numberText(node) {
    return this.unknown.has(node) ? "?" : this.live.nodes[node].short;
  }

  gradText(node) {
    if (this.begun && this.live.output.lost) return `grad ${LOST}`;
    if (node === this.live.nodes.length - 1 && this.begun) return "grad 1";
    const last = this.last(node);
    return last === undefined ? "grad ?" : this.live.steps[last].box;
  }
}
