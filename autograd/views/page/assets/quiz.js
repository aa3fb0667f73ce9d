// Try-it mode: the questions of the backward pass, and what is to be said to an answer.

class Quiz {
  constructor(data, live, changed) {
    this.live = live;
    this.changed = changed;
    this.arithmetic = data.reading ? new Arithmetic(data.reading, live) : null;
    this.asking = data.asking ? new Asking(live, data.asking) : { questions: [], gradients: [] };
    this.forget();
    this.questions = this.asking.questions;
    this.index = 0;
    const names = "place score prompt symbol field verdict hints hint give previous next check";
    for (const name of names.split(" ")) this[name] = find(`.quiz .${name}`);
    // no form: a sandbox lets none be submitted
    this.check.addEventListener("click", () => this.enter());
    this.field.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.isComposing) return;
      event.preventDefault(); // or the button that is focused behind the last question is pressed
      this.enter();
    });
    this.hint.addEventListener("click", () => this.showHint());
    this.give.addEventListener("click", () => this.reveal("shown", "The answer: "));
    find(".extent").addEventListener("change", ({ target }) => {
      this.questions = target.value === "gradients" ? this.asking.gradients : this.asking.questions;
      this.open(0, true);
    });
    this.previous.addEventListener("click", () => this.open(this.index - 1, true));
    this.next.addEventListener("click", () => this.open(this.index + 1, true));
  }

  forget() {
    this.helped = new Set(); // the questions of which a hint was seen
    this.failed = new Set(); // those that were answered wrong
    this.outcomes = new Map(); // of a question: how it was answered
    this.mistakes = new Map(); // of a kind: how often
    this.wrong = new Map(); // what was answered wrong, by the quantity that it tells
  }

  // At other numbers every answer is another.
  moved() {
    this.forget();
    this.open(this.index);
  }

  // None behind the last one, where the summary is, and none where the output has no value.
  get question() {
    return this.live.output.lost ? undefined : this.questions[this.index];
  }

  get revealed() {
    return this.outcomes.has(this.question);
  }

  open(index, focus = false) {
    this.index = Math.max(0, Math.min(this.questions.length, index));
    const { question } = this;
    find(".entry").hidden = !question;
    this.hints.replaceChildren();
    this.say("", "");
    if (question) {
      const place = `Question ${this.index + 1} of ${this.questions.length}`;
      this.place.textContent = `${place}: ${question.part}`;
      this.prompt.innerHTML = question.text;
      this.symbol.innerHTML = `${question.typeset} =`;
      this.field.value = "";
      if (this.revealed) this.say("known", "The answer: ", this.answer());
    } else if (this.live.output.lost) {
      this.place.textContent = "No question";
      this.prompt.textContent = `${NOTHING} Change a number, or undo.`;
    } else {
      this.place.textContent = "Summary";
      this.prompt.textContent = this.summary();
    }
    this.refresh();
    if (focus) (question ? this.field : this.previous).focus({ preventScroll: true });
  }

  enter() {
    if (this.revealed) this.open(this.index + 1, true);
    else this.judge(this.field.value);
  }

  // The same judgement as that of check() in Python.
  judge(text) {
    let judged;
    try {
      const answer = this.arithmetic.evaluate(text);
      const mistakes = [...this.carriedOver(), ...this.question.wrong];
      judged = this.arithmetic.judge(answer, this.question, mistakes);
      if (judged.verdict === "wrong") this.remember(text.trim(), answer.value);
    } catch (error) {
      if (!(error instanceof Mistyped)) throw error;
      return this.say("unread", `${error.message}.`);
    }
    const { verdict, mistakes, note } = judged;
    if (verdict === "wrong") return this.diagnose(mistakes);
    if (verdict === "asked back") return this.say("unread", `${note}.`);
    if (verdict === "right only here") {
      this.fail(verdict);
      return this.say("wrong", `${note}.`);
    }
    return this.succeed(verdict === "right" ? "Right: " : "Right; more exactly, ");
  }

  remember(text, value) {
    const shown = make("span");
    shown.innerHTML = `${this.question.typeset} = `;
    shown.append(text);
    for (const quantity of this.question.tells) {
      this.wrong.set(quantity, { said: shown.innerHTML, value });
    }
  }

  // What comes of doing this right with earlier answers that are wrong.
  carriedOver() {
    const { part, number: answer, parts } = this.question;
    const used = parts.filter(([quantity]) => this.wrong.has(quantity));
    if (!used.length) return [];
    const numbers = parts.map(([quantity, number]) => this.wrong.get(quantity)?.value ?? number);
    const joined = numbers.reduce((x, y) => (part === "product" ? x * y : x + y));
    const said = new Set(used.map(([quantity]) => this.wrong.get(quantity).said));
    const reason = `all else is done right with your ${[...said].join(" and ")}`;
    return joined === answer ? [] : [{ kind: "carried over", reason, number: joined }];
  }

  succeed(words) {
    const { failed, helped, question } = this;
    const how = helped.has(question) ? "with hints" : failed.has(question) ? "in the end" : "at once";
    this.reveal(how, words);
  }

  fail(kind) {
    this.failed.add(this.question);
    this.mistakes.set(kind, (this.mistakes.get(kind) ?? 0) + 1);
  }

  // Tell one mistake of each kind, three at most.
  diagnose(mistakes) {
    this.fail(mistakes.length ? mistakes[0].kind : "no known mistake");
    if (!mistakes.length) {
      return this.say("wrong", "Not that, and no mistake known here leads to that number.");
    }
    const follows = mistakes.find(({ kind }) => kind === "carried over");
    if (follows) mistakes = [follows];
    const kinds = new Map();
    for (const mistake of mistakes) {
      if (!kinds.has(mistake.kind)) kinds.set(mistake.kind, this.asking.filled(mistake.reason));
    }
    const told = [...kinds.values()].slice(0, 3);
    const said = told.map((reason, i) => `${i ? "or " : ""}${reason}`);
    const rest = mistakes.length - told.length;
    if (rest) said.push(`(and by ${rest > 1 ? `${rest} other known mistakes` : "another known mistake"})`);
    const list = make("ul");
    list.innerHTML = said.map((line) => `<li>${line}</li>`).join("");
    return this.say("wrong", make("span", {}, "Not that. It is what comes out if"), list);
  }

  answer() {
    const made = make("span");
    made.innerHTML = `${this.question.typeset} = ${this.question.shown}`;
    return made;
  }

  reveal(outcome, words) {
    if (!this.revealed) this.outcomes.set(this.question, outcome);
    this.say(outcome === "shown" ? "known" : "right", words, this.answer());
    this.refresh();
  }

  showHint() {
    const line = make("li");
    line.innerHTML = this.question.hint(this.hints.childElementCount);
    this.hints.append(line);
    this.helped.add(this.question);
    this.refresh();
  }

  say(kind, ...content) {
    const mark = { right: "✓", wrong: "✗", unread: "?", known: "=" }[kind];
    this.verdict.className = `verdict ${kind}`;
    const body = make("span", {}, ...content);
    const sign = make("span", { class: "mark", "aria-hidden": "true" }, mark || "");
    this.verdict.replaceChildren(...(kind ? [sign, body] : []));
  }

  // How the questions were answered, and what went wrong; in the words of the terminal.
  summary() {
    const answers = this.questions.map((question) => this.outcomes.get(question)).filter(Boolean);
    const count = (how) => answers.filter((answer) => answer === how).length;
    const counts = ["at once", "with hints", "in the end"]
      .filter(count)
      .map((how) => `${count(how)} ${how}`);
    const kinds = [...this.mistakes].sort(([, a], [, b]) => b - a);
    const wrong = kinds.map(([kind, times]) => `${kind} (${times})`);
    return (
      `${answers.length - count("shown")} of ${this.questions.length} right` +
      (counts.length ? `: ${counts.join(", ")}` : "") +
      (count("shown") ? `; ${count("shown")} shown` : "") +
      (wrong.length ? `\nwhat went wrong: ${wrong.join(", ")}` : "")
    );
  }

  // Bring the buttons, the score and the picture in line with the question.
  refresh() {
    const hints = this.hints.childElementCount;
    const answered = this.questions.filter((question) => this.outcomes.has(question));
    const right = answered.filter((question) => this.outcomes.get(question) !== "shown");
    this.score.textContent = `${right.length} right of ${answered.length} answered`;
    this.hint.textContent = hints < 3 ? `Hint ${hints + 1} of 3` : "No more hints";
    this.hint.disabled = !this.question || hints >= 3 || this.revealed;
    this.give.disabled = !this.question || this.revealed;
    this.previous.disabled = this.index === 0 || this.live.output.lost;
    this.next.disabled = !this.question;
    const on = this.index >= this.questions.length - 1 ? "Summary" : this.revealed ? "Next" : "Skip";
    this.next.textContent = on;
    this.check.textContent = this.revealed ? on : "Check";
    this.changed();
  }
}
