// What a person types: arithmetic on numbers and named nodes, read by recursive descent.
//
//   sum     = product (("+" | "-") product)*
//   product = factor (("*" | "/") factor)*
//   factor  = ("+" | "-") factor | power
//   power   = atom (("**" | "^") factor | superscript)?
//   atom    = number | name | "(" sum ")" | "|" sum "|" | function atom
//           | function "(" sum ("," sum)* ")"
//
// Every part is a value with a slack: how far off it may be since its decimals were rounded.

const sigmoid = (x) => 1 / (1 + Math.exp(-x));
const FUNCTIONS = {
  ...Object.fromEntries(
    "exp log sqrt expm1 log1p sin cos tan asin acos atan sinh cosh tanh abs atan2 hypot"
      .split(" ")
      .map((name) => [name, Math[name]]),
  ),
  sigmoid,
  σ: sigmoid,
  relu: (x) => Math.max(x, 0),
  maximum: Math.max,
  minimum: Math.min,
};
const CALL = new RegExp(
  `^(${Object.keys(FUNCTIONS).join("|")})(?=\\s*\\(|\\s+[\\p{L}\\d])`,
  "u",
);
const SIGNS = { "·": "*", "×": "*", "⋅": "*", "−": "-", "–": "-", "÷": "/" };
const OPERATIONS = {
  "+": (x, y) => x + y,
  "-": (x, y) => x - y,
  "*": (x, y) => x * y,
  "/": (x, y) => x / y,
  "**": (x, y) => x ** y,
};

class Mistyped extends Error {}

// Lower digits stand on the line: v₁ may be typed as v1.
const flat = (text) => text.replace(/[₀-₉]/g, (digit) => digit.normalize("NFKD"));

class Arithmetic {
  // `names` holds the numbers of the nodes that a name is given to: of one, if all is well.
  constructor(names) {
    this.names = new Map(
      Object.entries(names).map(([name, found]) => [name.normalize("NFC"), found.map(Number)]),
    );
    this.byLength = [...this.names.keys()].sort((a, b) => b.length - a.length);
  }

  // Return {value, slack} of a text, or throw a Mistyped that says what is wrong with it.
  evaluate(text) {
    this.calls = 0;
    this.rest = text.normalize("NFC").trim().replace(/[·×⋅−–÷]/g, (sign) => SIGNS[sign]);
    if (!this.rest) throw new Mistyped("Type a number, a fraction such as -3/8, or a formula.");
    const alone = /^[-+]?\s*\d+$/.test(this.rest); // a whole number may be rounded too
    const result = this.whole();
    if (!Number.isFinite(result.value)) throw new Mistyped("That has no finite value.");
    return alone ? { ...result, slack: 0.5 } : result;
  }

  whole() {
    try {
      const result = this.sum();
      if (!this.rest) return result;
    } catch (error) {
      if (!(error instanceof RangeError)) throw error; // of the call stack
      throw new Mistyped("That is nested too deep to be read.");
    }
    if (this.rest.startsWith("%")) throw new Mistyped("Write 50 % as a number: 0.5.");
    throw new Mistyped(`I cannot read on at “${this.rest.slice(0, 20)}”.`);
  }

  take(pattern) {
    const found = this.rest.match(pattern);
    if (found) this.rest = this.rest.slice(found[0].length).trimStart();
    return found;
  }

  sum() {
    let left = this.product();
    for (let sign; (sign = this.take(/^[-+]/)); ) left = combine(sign[0], left, this.product());
    return left;
  }

  product() {
    let left = this.factor();
    for (let sign; (sign = this.take(/^(\*(?!\*)|\/)/)); ) {
      left = combine(sign[0], left, this.factor());
    }
    return left;
  }

  factor() {
    const sign = this.take(/^[-+]/);
    if (!sign) return this.power();
    const { value, slack } = this.factor();
    return { value: sign[0] === "-" ? -value : value, slack };
  }

  power() {
    const base = this.atom();
    if (this.take(/^(\*\*|\^)/)) return combine("**", base, this.factor());
    const raised = this.take(/^⁻?[⁰¹²³⁴-⁹]+/);
    if (!raised) return base;
    const exponent = Number(raised[0].normalize("NFKD").replace("−", "-"));
    return combine("**", base, { value: exponent, slack: 0 });
  }

  atom() {
    if (this.take(/^\(/)) return this.closed(/^\)/, "A closing parenthesis is missing.");
    if (this.take(/^\|/)) return spread(Math.abs, [this.closed(/^\|/, "A closing | is missing.")]);
    return this.number() || this.applied() || this.named() || this.refuse();
  }

  closed(end, message) {
    const inner = this.sum();
    if (!this.take(end)) throw new Mistyped(message);
    return inner;
  }

  number() {
    const found = this.take(/^(\d+\.?\d*|\.\d+)(e[-+]?\d+)?(?![\p{L}_])/iu);
    if (!found) return null;
    if (!this.calls && /^,\d/.test(this.rest)) throw new Mistyped("Write decimals with a point: 0.5.");
    const decimals = (found[1].split(".")[1] || "").length;
    const unit = 10 ** (Number((found[2] || "e0").slice(1)) - decimals);
    return { value: Number(found[0]), slack: /[.e]/i.test(found[0]) ? unit / 2 : 0 };
  }

  applied() {
    const found = this.take(CALL);
    if (!found) return null;
    const [, name] = found;
    const operands = this.take(/^\(/) ? this.operands() : [this.atom()];
    const count = FUNCTIONS[name].length;
    if (operands.length !== count) {
      throw new Mistyped(`${name} takes ${count === 1 ? "one operand" : "two operands"}.`);
    }
    return spread(FUNCTIONS[name], operands);
  }

  operands() {
    this.calls += 1;
    const read = [this.sum()];
    while (this.take(/^,/)) read.push(this.sum());
    if (!this.take(/^\)/)) throw new Mistyped("A closing parenthesis is missing.");
    this.calls -= 1;
    return read;
  }

  named() {
    const begins = (text) => (known) =>
      text.startsWith(known) && !continues(known, text[known.length]);
    const name =
      this.byLength.find(begins(this.rest)) || this.byLength.find(begins(flat(this.rest)));
    if (!name) return null;
    const [value, ...others] = this.names.get(name);
    if (others.length) throw new Mistyped(`Several nodes are called “${name}”; use a number.`);
    this.rest = this.rest.slice(name.length).trimStart();
    return { value, slack: 0 };
  }

  refuse() {
    const word = this.rest.match(/^\p{L}[\p{L}\p{M}\d_]*/u);
    if (word) throw new Mistyped(`“${word[0]}” is neither a node here nor a function I know.`);
    if (!this.rest) throw new Mistyped("Something is missing at the end.");
    throw new Mistyped(`I cannot read “${this.rest.slice(0, 20)}”.`);
  }
}

const continues = (name, next) =>
  /[\p{L}\p{M}\d_]$/u.test(name) && /^[\p{L}\p{M}\d_]/u.test(next || "");

const combine = (sign, left, right) => spread(OPERATIONS[sign], [left, right]);

// Apply a function, and see how far the result moves within the slack of its operands.
function spread(operation, operands) {
  const value = operation(...operands.map((operand) => operand.value));
  let slack = 0;
  for (let corner = 0; corner < 2 ** operands.length; corner += 1) {
    const moved = operands.map((o, i) => o.value + (corner & (1 << i) ? o.slack : -o.slack));
    const distance = Math.abs(operation(...moved) - value);
    if (Number.isFinite(distance)) slack = Math.max(slack, distance);
  }
  return { value, slack };
}

// Whether a number is the truth, to the digits that were given; noise is what rounding can do.
function agrees({ value, slack }, truth, noise) {
  const rounding = Math.min(slack * (1 + 1e-9), 0.02 * Math.abs(truth));
  return Math.abs(value - truth) <= Math.max(rounding, 1e-9 * Math.abs(truth), noise);
}

// Whether it is the truth as far as it goes, rounded too far on the way to be sure.
function isNear({ value, slack }, truth) {
  const rounding = Math.min(slack * (1 + 1e-9), 0.1 * Math.abs(truth));
  const reach = Math.max(rounding, 0.005 * Math.abs(truth));
  return value !== 0 && Math.abs(value - truth) <= reach;
}
