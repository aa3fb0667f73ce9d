// The questions, at the numbers of the moment: FOLLOWED works out whatever stands in them.

class Question {
  constructor(asking, known) {
    Object.assign(this, { asking, ...known });
    const { nodes, steps } = asking.live;
    const { node, parent, local } = steps[this.step];
    const [above, below] = [nodes[node].derivative, nodes[parent].derivative];
    this.typeset = { "local derivative": local, product: `${above} · ${local}` }[this.part] ?? below;
    this.symbol = this.onTheLine();
  }

  onTheLine() {
    const { nodes, steps, output } = this.asking.live;
    const { node, parent, localText } = steps[this.step];
    const of = (i) => onTheLine(output.said, nodes[i].said);
    return { "local derivative": localText, product: `${of(node)} · ${localText}` }[this.part] ?? of(parent);
  }

  get text() {
    return this.asking.filled(this.prompt);
  }

  // Formulas hold as long as choices come out as they did where they were made, numbers anywhere.
  hint(i) {
    const { live } = this.asking;
    const { parent } = live.steps[this.step];
    const uses = {
      "local derivative": [live.steps[this.step]],
      gradient: live.steps.filter((step) => step.parent === parent),
    }[this.part];
    const bends = i && uses?.some((step) => step.bends);
    if (!bends || live.pass.isLike(live.first)) return this.asking.filled(this.hints[i]);
    if (i === 1) return "Another branch is taken than where this page was made.";
    const sum = uses.map((step) => `${factor(step.numbers.upstream)} · ${step.factor}`);
    return `${this.typeset} = ${this.part === "gradient" ? sum.join(" + ") : this.shown}`;
  }

  get number() {
    return this.asking.numbers[this.answer];
  }

  get shown() {
    return typeset(this.number);
  }

  // How much of the answer could be rounding.
  get noise() {
    const { live } = this.asking;
    return this.part === "local derivative" ? 0 : live.pass.noise[live.steps[this.step].parent];
  }

  // The known mistakes, with what they lead to; elsewhere than where they were made, as long as
  // every choice comes out as it did.
  get wrong() {
    const { kinds, reasons, numbers, live } = this.asking;
    if (!live.pass.isLike(live.first)) return [];
    return this.mistakes
      .map(([kind, reason, i]) => ({ kind: kinds[kind], reason: reasons[reason], number: numbers[i] }))
      .filter(({ number }) => Number.isFinite(number) && number !== this.number);
  }

  get parts() {
    return this.madeOf.map(([quantity, i]) => [quantity, this.asking.numbers[i]]);
  }
}

class Asking {
  constructor(live, { questions, gradients, kinds, reasons }) {
    Object.assign(this, { live, kinds, reasons });
    [this.questions, this.gradients] = [questions, gradients].map((asked) =>
      asked.map((question) => new Question(this, question)),
    );
  }

  get numbers() {
    return this.live.working.numbers;
  }

  filled(template) {
    return this.live.working.filled(template);
  }
}
