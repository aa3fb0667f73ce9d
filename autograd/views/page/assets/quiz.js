// Try-it mode: the questions of the backward pass, and what is to be said to an answer.

class Quiz {
  constructor(card, data, equations, changed) {
    this.card = card;
    this.data = data;
    this.equations = equations;
    this.changed = changed;
    this.arithmetic = data.reading ? new Arithmetic(data.reading) : null;
    this.outcomes = new Map(); // of a question: "right" or "shown"
    this.questions = data.questions;
    this.index = 0;
    const find = (name) => card.querySelector(`.${name}`);
    [this.place, this.score, this.prompt] = ["place", "score", "prompt"].map(find);
    [this.symbol, this.field, this.verdict] = ["symbol", "field", "verdict"].map(find);
    [this.hints, this.hint, this.give] = ["hints", "hint", "give"].map(find);
    [this.previous, this.next, this.check] = ["previous", "next", "check"].map(find);
    // no form: JupyterLab lets none be submitted
    this.check.addEventListener("click", () => this.enter());
    this.field.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.isComposing) this.enter();
    });
    this.hint.addEventListener("click", () => this.showHint());
    this.give.addEventListener("click", () => this.reveal("shown", "The answer: "));
    find("extent").addEventListener("change", ({ target }) => {
      this.questions = target.value === "gradients" ? data.gradients : data.questions;
      this.open(0, true);
    });
    this.previous.addEventListener("click", () => this.open(this.index - 1, true));
    this.next.addEventListener("click", () => this.open(this.index + 1, true));
  }

  get question() {
    return this.questions[this.index];
  }

  get revealed() {
    return this.outcomes.has(this.question);
  }

  open(index, focus = false) {
    this.index = Math.max(0, Math.min(this.questions.length - 1, index));
    const place = `Question ${this.index + 1} of ${this.questions.length}`;
    this.place.textContent = `${place}: ${this.question.part}`;
    this.prompt.replaceChildren(prose(this.question.prompt));
    this.symbol.replaceChildren(this.asked(), " =");
    this.field.value = "";
    this.field.setAttribute("aria-label", this.question.symbol);
    this.hints.replaceChildren();
    this.say("", "");
    if (this.revealed) this.say("known", "The answer: ", this.answer());
    this.refresh();
    if (focus) this.field.focus({ preventScroll: true });
  }

  // What is asked for, as a fraction.
  asked() {
    const { part, step: at } = this.question;
    const step = this.data.steps[at];
    const [above, below] = {
      upstream: [this.equations.output, this.equations.name(step.node)],
      "local derivative": [this.equations.name(step.node), this.equations.name(step.parent)],
    }[part] || [this.equations.output, this.equations.name(step.parent)];
    return fraction(above, below);
  }

  enter() {
    if (!this.revealed) this.judge(this.field.value);
    else if (!this.next.disabled) this.open(this.index + 1, true);
  }

  // The same judgement as that of check() in Python.
  judge(text) {
    let judged;
    try {
      judged = this.arithmetic.judge(this.arithmetic.evaluate(text), this.question);
    } catch (error) {
      if (!(error instanceof Mistyped)) throw error;
      return this.say("unread", `${error.message}.`);
    }
    const { verdict, mistakes, note } = judged;
    if (verdict === "wrong") return this.diagnose(mistakes);
    if (verdict === "right only here") return this.say("wrong", `${note}.`);
    return this.reveal("right", verdict === "right" ? "Right: " : "Right; more exactly, ");
  }

  // Tell one mistake of each kind, three at most.
  diagnose(mistakes) {
    if (!mistakes.length) {
      return this.say("wrong", "Not that, and no mistake known here leads to that number.");
    }
    const kinds = new Map();
    for (const [kind, reason] of mistakes) if (!kinds.has(kind)) kinds.set(kind, reason);
    const told = [...kinds.values()].slice(0, 3);
    const said = told.map((reason, i) => make("li", {}, i ? "or " : "", prose(reason)));
    const rest = mistakes.length - told.length;
    const others = rest > 1 ? `${rest} other known mistakes` : "another known mistake";
    if (rest) said.push(make("li", {}, `(and by ${others})`));
    const opening = make("span", {}, "Not that. It is what comes out if");
    return this.say("wrong", opening, make("ul", {}, ...said));
  }

  answer() {
    return make("span", {}, math(this.question.symbol), " = ", math(this.question.answer));
  }

  reveal(outcome, words) {
    if (!this.revealed) this.outcomes.set(this.question, outcome);
    this.say(outcome === "right" ? "right" : "known", words, this.answer());
    this.refresh();
  }

  showHint() {
    const shown = this.hints.childElementCount;
    this.hints.append(make("li", {}, prose(this.question.hints[shown])));
    this.refresh();
  }

  say(kind, ...content) {
    const mark = { right: "✓", wrong: "✗", unread: "?", known: "=" }[kind];
    this.verdict.className = `verdict ${kind}`;
    const body = make("span", {}, ...content);
    const sign = make("span", { class: "mark", "aria-hidden": "true" }, mark || "");
    this.verdict.replaceChildren(...(kind ? [sign, body] : []));
  }

  // Bring the buttons, the score and the picture in line with the question.
  refresh() {
    const hints = this.hints.childElementCount;
    const answered = this.questions.filter((question) => this.outcomes.has(question));
    const right = answered.filter((question) => this.outcomes.get(question) === "right");
    this.score.textContent = `${right.length} right of ${answered.length} answered`;
    this.hint.textContent = hints < 3 ? `Hint ${hints + 1} of 3` : "No more hints";
    this.hint.disabled = hints >= 3 || this.revealed;
    this.give.disabled = this.revealed;
    this.previous.disabled = this.index === 0;
    this.next.disabled = this.index === this.questions.length - 1;
    this.next.textContent = this.revealed ? "Next" : "Skip";
    this.check.textContent = this.revealed ? "Next" : "Check";
    this.check.disabled = this.revealed && this.next.disabled;
    this.changed();
  }
}
