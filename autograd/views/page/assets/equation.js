// The equation of a step, and the derivation of a node: what the engine computed, typeset.

const INTRODUCTION =
  "Each step takes a derivative that is complete, multiplies it by a local derivative, and adds " +
  "the product to the gradient of an operand.";

class Equations {
  constructor(data) {
    this.data = data;
    this.output = data.nodes[data.nodes.length - 1].name;
  }

  name(i) {
    return this.data.nodes[i].name;
  }

  gradient(i) {
    return fraction(this.output, this.name(i));
  }

  // The nodes a step goes between, and where it stands.
  heading(position) {
    if (!position) return [make("span", {}, "The pass begins at the output")];
    const step = this.data.steps[position - 1];
    const [from, to] = [step.node, step.parent].map((i) => math(this.name(i)));
    return [make("span", {}, "From ", from, " to its operand ", to)];
  }

  // Symbols, then formula, then numbers, one below the other.
  step(position) {
    const grid = make("div", { class: "grid", role: "math" });
    const put = (kind, ...content) => grid.append(make("span", { class: kind }, ...content));
    if (!position) {
      const last = this.data.nodes.length - 1;
      grid.setAttribute("aria-label", spoken(`∂${this.output}/∂${this.output} = 1`));
      put("left", this.gradient(last));
      put("relation", "=");
      put("upstream", "1");
      return grid;
    }
    const step = this.data.steps[position - 1];
    grid.setAttribute("aria-label", spoken(step.text));
    put("left", this.gradient(step.parent));
    put("relation", "+=");
    put("upstream", this.gradient(step.node));
    put("times", "·");
    put("local", fraction(this.name(step.node), this.name(step.parent)));
    put("label left", "gradient");
    put("label upstream", "upstream");
    put("label local", "local derivative");
    if (step.formula) {
      put("relation", "=");
      put("upstream", numeral(step.upstream));
      put("times", "·");
      put("local", /[+−] /.test(step.formula) ? shield(step.formula) : math(step.formula));
    }
    put("relation", "=");
    put("upstream", numeral(step.upstream));
    put("times", "·");
    put("local", numeral(step.partial, true));
    put("result", "= ", numeral(step.contribution));
    return grid;
  }

  // The parent's total: before, what is added, after.
  total(position) {
    if (!position) {
      return [make("p", { class: "intro" }, INTRODUCTION)];
    }
    const step = this.data.steps[position - 1];
    const { before, contribution, after, reported, pending } = step;
    const sum = make("p", { class: "sum" }, this.gradient(step.parent), equals());
    const plus = contribution[0].startsWith("-") ? "−" : "+";
    const added = [contribution[0].replace(/^-/, ""), contribution[1]];
    sum.append(numeral(before), ` ${plus} `, numeral(added), " = ");
    sum.append(make("strong", {}, numeral(after)));
    const all = reported + pending;
    const several = `${reported} of ${all} paths have reported`;
    const words = all === 1 ? "its only path has reported" : several;
    return [sum, make("p", { class: "reports" }, ...pips(reported, all), words)];
  }

  // A node: its value, its operation, and the sum over the nodes that use it.
  derivation(i, view, jump) {
    const { name, operation, data } = this.data.nodes[i];
    const shown = [name === data[0] ? "" : name, operation].filter(Boolean);
    const definition = shown.flatMap((text) => [math(text), " = "]);
    const made = make("div", { class: "node" });
    made.append(make("p", { class: "definition" }, ...definition, numeral(data)), exactly(data));
    const uses = this.data.steps.flatMap((step, at) => (step.parent === i ? [at] : []));
    if (uses.length) made.append(this.terms(i, uses, view, jump));
    else {
      const one = view.secret(i) ? "?" : "1, where the pass begins";
      made.append(make("p", { class: "sum" }, this.gradient(i), equals(), one));
    }
    return made;
  }

  terms(i, uses, view, jump) {
    const rows = make("div", { class: "terms" });
    const put = (kind, ...content) => rows.append(make("span", { class: kind }, ...content));
    uses.slice(0, 12).forEach((at, place) => {
      const step = this.data.steps[at];
      const known = at < view.position && !view.secret(i);
      put("left", ...(place ? [] : [this.gradient(i)]));
      put("relation", place ? "+" : "=");
      const local = fraction(this.name(step.node), this.name(i));
      put("symbols", this.gradient(step.node), " · ", local);
      const numbers = [numeral(step.upstream), " · ", numeral(step.partial, true), " = "];
      put("numbers", ...(known ? [...numbers, numeral(step.contribution)] : ["?"]));
      const button = make("button", { type: "button", class: "link" }, `step ${at + 1}`);
      button.disabled = view.question !== undefined;
      button.addEventListener("click", () => jump(at + 1));
      put("where", button);
    });
    if (uses.length > 12) put("more", `… and ${uses.length - 12} more`);
    put("left");
    put("relation", "=");
    const last = view.last(i);
    const total = last === undefined || view.secret(i) ? null : this.data.steps[last];
    const pending = total?.pending ? ` so far, ${total.pending} to come` : "";
    put("total", ...(total ? [make("strong", {}, numeral(total.after)), pending] : ["?"]));
    const box = make("div", {}, rows);
    if (total && !total.pending) box.append(exactly(total.after));
    return box;
  }
}

const equals = () => make("span", { class: "equals" }, "=");

const exactly = ([, exact]) => make("p", { class: "exact" }, `exactly ${typographic(exact)}`);

function shield(formula) {
  const made = math(formula);
  made.prepend("(");
  made.append(")");
  return made;
}

function pips(reported, all) {
  if (all === 1 || all > 12) return [];
  const dots = "●".repeat(reported) + "○".repeat(all - reported);
  return [make("span", { class: "pips", "aria-hidden": "true" }, dots)];
}
