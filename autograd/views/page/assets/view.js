// How far the pass has gone, and what an open question keeps hidden.
class View {
  constructor(data, position, question, revealed) {
    this.data = data;
    this.question = question;
    this.revealed = revealed;
    this.whole = question?.part === "gradient"; // of which no step is shown
    this.asked = this.whole ? undefined : question?.step;
    const told = revealed && ["product", "sum over paths"].includes(question.part);
    const reached = this.whole ? (revealed ? data.steps.length : 0) : question?.step + Number(told);
    this.position = question ? reached : position;
    this.latest = new Map();
    for (let i = 0; i < this.position; i += 1) this.latest.set(data.steps[i].parent, i);
  }

  // The last step so far that has added to a node.
  last(node) {
    return this.latest.get(node);
  }

  // Whether the local derivative of a step is kept hidden.
  hides(step) {
    if (this.whole) return !this.revealed;
    if (!this.question || step < this.asked) return false;
    const { part } = this.question;
    const open = part === "upstream" || (part === "local derivative" && !this.revealed);
    return step > this.asked || open;
  }

  // Whether the gradient of a node is what is asked for, upstream.
  secret(node) {
    const upstream = this.question?.part === "upstream" && !this.revealed;
    return upstream && this.data.steps[this.asked].node === node;
  }

  gradText(node) {
    if (this.secret(node)) return "grad ?";
    if (node === this.data.nodes.length - 1) return "grad 1";
    const last = this.last(node);
    return last === undefined ? "grad ?" : this.data.steps[last].box;
  }
}
