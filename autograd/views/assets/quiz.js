// Try-it mode: the questions of the backward pass, and what is to be said to an answer.

class Quiz {
  constructor(card, data, equations, changed) {
    this.card = card;
    this.data = data;
    this.equations = equations;
    this.changed = changed;
    this.arithmetic = new Arithmetic(data.nodes);
    this.outcomes = new Map(); // of a question: "right" or "shown"
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
    this.previous.addEventListener("click", () => this.open(this.index - 1, true));
    this.next.addEventListener("click", () => this.open(this.index + 1, true));
  }

  get question() {
    return this.data.questions[this.index];
  }

  get revealed() {
    return this.outcomes.has(this.index);
  }

  open(index, focus = false) {
    const { questions } = this.data;
    this.index = Math.max(0, Math.min(questions.length - 1, index));
    const place = `Question ${this.index + 1} of ${questions.length}`;
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

  judge(text) {
    const { answer, mistakes, step: at } = this.question;
    const { upstream, partial, before, after } = this.data.steps[at];
    const sizes = [upstream, partial, before, after].map(([, exact]) => Math.abs(Number(exact)));
    const scale = Math.max(...sizes.filter(Number.isFinite), 0);
    let typed;
    try {
      typed = this.arithmetic.evaluate(text);
    } catch (error) {
      if (!(error instanceof Mistyped)) throw error;
      return this.say("unread", error.message);
    }
    const verdict = compare(typed, Number(answer), scale);
    if (verdict === "right") return this.reveal("right", "Right: ");
    if (verdict === "coarse") {
      return this.say("coarse", "Right as far as it goes; give three significant digits.");
    }
    const reasons = mistakes
      .filter(([number]) => compare(typed, Number(number), scale) === "right")
      .map(([, reason]) => reason);
    return this.diagnose(new Set(reasons));
  }

  diagnose(reasons) {
    if (!reasons.size) {
      return this.say("wrong", "Not that, and no mistake known here leads to that number.");
    }
    const sentences = [...reasons].map((reason) => `That is what comes out if ${reason}.`);
    const said = sentences.map((sentence) => make("li", {}, prose(sentence)));
    return this.say("wrong", make("span", {}, "Not that. "), make("ul", {}, ...said));
  }

  answer() {
    return make("span", {}, math(this.question.symbol), " = ", math(this.question.answer));
  }

  reveal(outcome, words) {
    if (!this.revealed) this.outcomes.set(this.index, outcome);
    this.say(outcome === "right" ? "right" : "known", words, this.answer());
    this.refresh();
  }

  showHint() {
    const shown = this.hints.childElementCount;
    this.hints.append(make("li", {}, prose(this.question.hints[shown])));
    this.refresh();
  }

  say(kind, ...content) {
    const mark = { right: "✓", wrong: "✗", coarse: "≈", unread: "?", known: "=" }[kind];
    this.verdict.className = `verdict ${kind}`;
    const body = make("span", {}, ...content);
    const sign = make("span", { class: "mark", "aria-hidden": "true" }, mark || "");
    this.verdict.replaceChildren(...(kind ? [sign, body] : []));
  }

  // Bring the buttons, the score and the picture in line with the question.
  refresh() {
    const hints = this.hints.childElementCount;
    const right = [...this.outcomes.values()].filter((outcome) => outcome === "right").length;
    this.score.textContent = `${right} right of ${this.outcomes.size} answered`;
    this.hint.textContent = hints < 3 ? `Hint ${hints + 1} of 3` : "No more hints";
    this.hint.disabled = hints >= 3 || this.revealed;
    this.give.disabled = this.revealed;
    this.previous.disabled = this.index === 0;
    this.next.disabled = this.index === this.data.questions.length - 1;
    this.next.textContent = this.revealed ? "Next" : "Skip";
    this.check.textContent = this.revealed ? "Next" : "Check";
    this.check.disabled = this.revealed && this.next.disabled;
    this.changed();
  }
}
