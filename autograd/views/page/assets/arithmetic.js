// What a person types: read by recursive descent, worked out, and judged, as in Python.
//
// The operators, functions, messages and tolerances are data that Python sends, the functions its
// rules (RULES, from operands to [value, slopes]). The grammar is that of autograd/parser.py.

class Mistyped extends Error {}

// Reads in the words of a graph: `names` has the numbers of the nodes that a spelling may stand
// for, `quoted` the spellings that stand in quotes only, `apart` a spelling of its own of each.
class Parser {
  constructor(grammar, words) {
    this.grammar = grammar;
    this.names = new Map(Object.entries(words.names).map(([name, ids]) => [this.fold(name), ids]));
    this.apart = words.apart;
    const quoted = new Set(words.quoted.map((name) => this.fold(name)));
    const bare = [...this.names.keys()].filter((name) => name && !quoted.has(name));
    this.bare = bare.sort((a, b) => b.length - a.length);
    this.signs = Object.keys(grammar.operators).sort((a, b) => b.length - a.length);
  }

  fold(text) {
    const wide = new RegExp(this.grammar.patterns.wide, "gu");
    const narrow = text.replace(wide, (c) => c.normalize("NFKC"));
    return narrow.split(/\s+/u).filter(Boolean).join(" ").normalize("NFC");
  }

  // Return the steps of a text, as a calculator with a stack takes them, or throw a Mistyped.
  parse(text) {
    Object.assign(this, { line: this.fold(text), steps: [], open: null });
    Object.assign(this, { i: 0, end: 0, depth: 0, bars: 0, calls: 0 });
    this.advance(0);
    if (!this.peek()) this.refuse("empty");
    this.sum();
    if (this.peek()) this.unread();
    return this.steps;
  }

  // Where it is

  refuse(message, facts = {}) {
    const said = this.grammar.messages[message] || message;
    throw new Mistyped(said.replace(/\{(\w+)\}/g, (all, name) => facts[name] ?? all));
  }

  twoReadings(text, one, other) {
    this.refuse("mixed", { text: brief(text), one: brief(one), other: brief(other) });
  }

  match(name) {
    const pattern = new RegExp(this.grammar.patterns[name], "uy");
    pattern.lastIndex = this.i;
    return pattern.exec(this.line);
  }

  advance(to) {
    this.end = this.i = to;
    const skipped = this.match("invisible");
    if (skipped) this.i += skipped[0].length;
  }

  take(name) {
    const found = this.match(name);
    if (found) this.advance(this.i + found[0].length);
    return found;
  }

  peek() {
    return this.charAt(this.i);
  }

  charAt(i) {
    return i < this.line.length ? String.fromCodePoint(this.line.codePointAt(i)) : "";
  }

  since(start) {
    return this.line.slice(start, this.end);
  }

  sign() {
    for (const written of this.signs) {
      if (!this.line.startsWith(written, this.i)) continue;
      const next = this.line[this.i + written.length] || "";
      if (/[A-Za-z]$/.test(written) && /[A-Za-z]/.test(next)) continue;
      return [this.grammar.operators[written], written];
    }
    return null;
  }

  level(name) {
    const sign = this.sign();
    return sign && this.grammar.levels[name].includes(sign[0]) ? sign : null;
  }

  compares(sign) {
    return sign && (sign[0] === "equal" || this.grammar.levels.comparison.includes(sign[0]));
  }

  deeper() {
    this.depth += 1;
    if (this.depth > this.grammar.depth) this.refuse("deep");
  }

  isRaised(c) {
    return new RegExp(`^${this.grammar.patterns.superscript}`, "u").test(c);
  }

  isIndex(c) {
    return new RegExp(`^${this.grammar.patterns.subscript}`, "u").test(c);
  }

  isLetter(c) {
    return /^[A-Za-z_]/.test(c) || this.isIndex(c) || (/^[^\0-\x7f]/.test(c) && /^[\p{L}\p{M}]/u.test(c) && !this.isRaised(c));
  }

  // Names

  find(at = this.i) {
    return this.bare.find((name) => this.line.startsWith(name, at) && !this.continues(name, at));
  }

  continues(name, at) {
    const last = [...name].at(-1);
    const next = this.charAt(at + name.length);
    if (!next || !(this.isLetter(last) || /\p{N}/u.test(last))) return false;
    if (this.isIndex(last)) return this.isIndex(next) || next === "_";
    return !this.isRaised(last) && (this.isLetter(next) || /^\p{Nd}/u.test(next));
  }

  // Return the names that a word is made of, written side by side.
  split(word) {
    const known = new Set(this.bare);
    const parts = [[]];
    for (let end = 1; end <= Math.min(word.length, 60); end += 1) {
      for (let start = 0; start < end && !parts[end]; start += 1) {
        const piece = word.slice(start, end);
        if (parts[start] && known.has(piece)) parts[end] = [...parts[start], piece];
      }
    }
    return parts[word.length];
  }

  meant(name) {
    const found = this.names.get(name);
    if (found.length > 1) {
      const apart = found.slice(0, 3).map((id) => this.apart[id]).filter(Boolean);
      const names = apart.join(" or ") || "a number";
      this.refuse("several", { count: found.length, name: brief(name), names });
    }
    return found[0];
  }

  // Operators

  unread() {
    const before = this.line.slice(Math.max(0, this.end - 1));
    if (this.peek() === "," && /^\d,\s?\d/.test(before)) this.refuse("comma");
    this.refuse(this.compares(this.sign()) ? "condition" : "unread");
  }

  sum() {
    this.deeper();
    this.product();
    for (let sign; (sign = this.level("sum")); ) {
      this.advance(this.i + sign[1].length);
      this.product();
      this.apply(sign[0], 2);
    }
    this.depth -= 1;
  }

  product() {
    const start = this.i;
    this.factor();
    let slash = null; // where what stands above the last / ends, and where below begins
    for (;;) {
      const sign = this.level("product");
      if (sign?.[0] === "mod" && !this.operandFollows(sign[1].length)) this.refuse("percent");
      if (!sign && !this.sideBySide()) return;
      const { open, end } = this;
      if (sign) this.advance(this.i + sign[1].length);
      const following = this.i;
      this.factor();
      const factor = this.since(following);
      if (open) this.bound(open, sign ? sign[1] : "", factor);
      if (slash && !sign) {
        const [above, below] = [this.line.slice(start, slash[0]), this.line.slice(slash[1], end)];
        this.twoReadings(this.since(start), `(${above}/${below})·${factor}`, `${above}/(${below}·${factor})`);
      }
      slash = sign?.[0] === "div" ? [end, following] : null;
      this.apply(sign ? sign[0] : "mul", 2);
    }
  }

  // Refuse a factor that may belong to an operand without parentheses.
  bound([kind, head, operand], sign, factor) {
    const shown = `${sign || "·"}${factor}`;
    if (kind === "function" && (sign || !this.isFunction(factor))) {
      this.twoReadings(`${head} ${operand}${sign}${factor}`, `${head}(${operand}${shown})`, `${head}(${operand})${shown}`);
    }
    if (kind === "root" && !sign) {
      this.twoReadings(`√${operand}${factor}`, `√(${operand}${shown})`, `√(${operand})${shown}`);
    }
    if (kind === "power" && !sign) {
      this.twoReadings(`${head}^${operand}${factor}`, `${head}^(${operand}${shown})`, `(${head}^${operand})${shown}`);
    }
  }

  isFunction(text) {
    const word = text.match(/^\\?([\p{L}\p{N}_]+)/u);
    return Boolean(word) && word[1] in this.grammar.functions;
  }

  operandFollows(width) {
    const rest = this.line.slice(this.i + width).trimStart();
    return Boolean(rest) && (!"+-−–*·×/÷^%),]}|<>=≤≥".includes(rest[0]) || "-−(".includes(rest[0]));
  }

  sideBySide() {
    const c = this.peek();
    if (!c || "),]};".includes(c) || (c === "|" && this.bars) || this.sign()) return false;
    if (this.match("number") && !this.find()) {
      this.refuse(/\p{Nd}/u.test(this.line[this.end - 1]) ? "side by side" : "after");
    }
    return "(|{[“„\"√∛∂\\".includes(c) || this.isLetter(c) || this.starts();
  }

  starts() {
    const fraction = this.match("fraction");
    if (fraction) {
      const number = this.since(0).match(/[\d.]*\d$/);
      if (!number) this.refuse("after");
      const [whole, part] = [number[0], fraction[0]];
      this.twoReadings(`${whole}${part}`, `${whole} + ${part}`, `${whole}·${part}`);
    }
    return this.peek() in this.grammar.constants || Boolean(this.find());
  }

  factor() {
    const sign = this.level("sum");
    if (!sign) return this.power();
    this.deeper();
    this.advance(this.i + sign[1].length);
    const known = this.steps.length;
    this.factor();
    this.depth -= 1;
    if (sign[0] !== "sub") return undefined;
    const [last] = this.steps.slice(-1);
    if (this.steps.length === known + 1 && last.head === "number") {
      this.steps.splice(-1, 1, { ...last, value: -last.value });
    } else this.apply("neg", 1);
    return undefined;
  }

  power() {
    const [start, known] = [this.i, this.steps.length];
    this.deeper();
    this.atom();
    const { open, i: at } = this;
    const [base, middle, sign] = [this.since(start), this.steps.length, this.sign()];
    if (this.match("superscript")) this.superscript(start);
    else if (sign?.[0] === "pow") {
      this.advance(this.i + sign[1].length);
      this.exponent();
    }
    this.depth -= 1;
    if (at === this.i) return;
    const raised = this.since(at);
    if (open) {
      const [kind, head, operand] = open;
      if (kind === "derivative") {
        this.twoReadings(`${base}${raised}`, `(${base})${raised}`, `${head}∂(${operand}${raised})`);
      }
      const name = kind === "root" ? "√" : head;
      this.twoReadings(`${base}${raised}`, `${name}(${operand}${raised})`, `(${name}(${operand}))${raised}`);
    }
    const exponent = raised.replace(/^[*^ ]+/, "");
    this.raise(known, middle);
    const loose = sign && /^[*^]/.test(raised) && !/^[({]/.test(exponent);
    this.open = loose ? ["power", base, exponent] : null;
  }

  exponent() {
    if (this.peek() === "{") this.closed("}");
    else this.factor();
  }

  superscript(start) {
    const [run] = this.match("superscript");
    if ("⁽⁾".includes(run[0])) {
      this.refuse("superscript", { name: this.line.slice(start, this.i + run.length) });
    }
    const inner = Object.assign(Object.create(Parser.prototype), this);
    this.steps.push(...inner.parse(run.normalize("NFKC")));
    this.advance(this.i + run.length);
  }

  // Apply a power to the steps of a base, from known to middle, and of an exponent.
  raise(known, middle) {
    const last = this.steps[this.steps.length - 1];
    const base = this.steps.slice(known, middle);
    if (base.length === 1 && base[0].written === "e") {
      this.steps.splice(known, 1);
      this.apply("exp", 1);
    } else if (last.head === "number") {
      this.steps.splice(-1, 1, { head: "power", value: last.value, operands: 1 });
    } else this.apply("pow", 2);
  }

  apply(rule, operands) {
    if (operands > 1) this.open = null;
    this.steps.push({ head: "rule", value: rule, operands });
  }

  closed(closing) {
    this.advance(this.i + 1);
    const { bars } = this;
    this.bars = closing === "|" ? bars + 1 : 0;
    this.sum();
    this.bars = bars;
    if (this.compares(this.sign())) this.refuse("condition");
    this.close(closing);
  }

  close(closing) {
    if (this.peek() !== closing) {
      if (this.peek()) this.unread();
      this.refuse("closing", { sign: closing });
    }
    this.advance(this.i + 1);
    this.open = null;
  }

  // Atoms

  atom() {
    this.deeper();
    this.open = null;
    const c = this.peek();
    if (!c) this.refuse("end");
    if (!this.derivative()) this.simple(c);
    this.depth -= 1;
  }

  simple(c) {
    const name = this.name();
    let found;
    if (name) {
      this.advance(this.i + name.length);
      this.steps.push({ head: "name", value: this.meant(name), operands: 0 });
    } else if ((found = this.match("quoted"))) this.quoted(found);
    else if ((found = this.match("number"))) this.number(found);
    else if (this.match("fraction")) this.fraction();
    else if (c === "(" || c === "{") this.closed(c === "(" ? ")" : "}");
    else if (c === "|") {
      this.closed("|");
      this.apply("abs", 1);
    } else if (this.take("fractional")) {
      for (const _ of "ab") this.peek() === "{" ? this.closed("}") : this.refuse("end");
      this.apply("div", 2);
    } else if ((found = this.take("cube root") || this.take("root"))) {
      this.root(found[0].includes("3") || found[0] === "∛" ? "cbrt" : "sqrt");
    } else this.word();
  }

  // What is also a function is a name unless a parenthesis follows.
  name() {
    const found = this.find();
    if (!found) return null;
    const { patterns, commands, functions } = this.grammar;
    const calls = new RegExp(`^\\s*(?:${patterns.prime})*\\s*(?:\\\\left\\s*)?\\(`, "u");
    const word = found.replace(/^\\+/, "");
    const isFunction = Object.hasOwn(functions, commands[word] ?? word);
    return isFunction && calls.test(this.line.slice(this.i + found.length)) ? null : found;
  }

  quoted(found) {
    const name = this.fold(found.slice(1).find((part) => part !== undefined));
    if (!this.names.has(name)) this.refuse("quoted", { name: found[0] });
    this.advance(this.i + found[0].length);
    this.steps.push({ head: "name", value: this.meant(name), operands: 0 });
  }

  number([found]) {
    const written = found.replace(/[−–]/g, "-");
    const value = Number(written.replaceAll("_", ""));
    if (!Number.isFinite(value)) this.refuse("large");
    this.steps.push({ head: "number", value, written, operands: 0 });
    this.advance(this.i + found.length);
    if (!this.calls && /^,\s?\d/.test(this.line.slice(this.i))) this.refuse("comma");
  }

  fraction() {
    const written = this.peek().normalize("NFKC").replace("⁄", "/");
    const [above, below] = written.split("/");
    this.steps.push({ head: "number", value: above / below, written, operands: 0 });
    this.advance(this.i + 1);
  }

  root(rule) {
    if (this.line[this.end - 1] === "t" && this.peek() === "[") this.refuse("root");
    const [start, wrapped] = [this.i, /^[({]/.test(this.peek())];
    if (wrapped) this.closed(this.peek() === "(" ? ")" : "}");
    else this.atom();
    if (this.open) this.refuse("unread");
    this.apply(rule, 1);
    this.open = wrapped ? null : ["root", "√", this.since(start)];
  }

  word() {
    const [upright, command] = [this.match("upright"), this.match("command")];
    let [word, end] = ["", this.i];
    if (upright) {
      word = upright[1].trim().replaceAll("\\_", "_").replaceAll(" ", "_");
      end += upright[0].length;
    } else if (command) {
      word = this.grammar.commands[command[1]] || command[1];
      end += command[0].length;
    } else {
      for (let c; (c = this.charAt(end)) && (this.isLetter(c) || (word && /[0-9]/.test(c))); ) {
        word += c;
        end += c.length;
      }
      if (!word && this.peek() in this.grammar.constants) {
        word = this.peek();
        end += word.length;
      }
    }
    if (!word) this.unread();
    if (Object.hasOwn(this.grammar.functions, word)) {
      this.advance(end);
      this.function(word);
    } else if (Object.hasOwn(this.grammar.constants, word)) {
      const value = toNumber(this.grammar.constants[word]);
      this.steps.push({ head: "number", value, written: word, operands: 0 });
      this.advance(end);
    } else this.unknown(word, end);
  }

  unknown(word, end) {
    if (this.grammar.keywords.includes(word)) this.refuse("unread");
    const parts = this.split(word);
    if (parts) this.refuse("product", { name: brief(word), product: parts.join("·") });
    const called = this.line.slice(end).trimStart()[0] === "(";
    this.refuse(called ? "uncalled" : "unknown", { name: brief(word) });
  }

  // Functions

  function(word) {
    const [rule, count] = this.grammar.functions[word];
    const slope = Boolean(this.take("prime"));
    if (slope && count !== 1) this.refuse("slope", { name: word });
    const [exponent, raised] = slope ? [[], ""] : this.functionPower(word);
    const known = this.steps.length;
    if (this.peek() === "(") {
      this.call(word);
      this.open = null;
    } else if (this.peek() && this.beginsOperand()) {
      const at = this.i;
      this.atom();
      this.applied(word, [1]);
      this.open = ["function", word + raised, this.since(at)];
    } else this.refuse("function", { name: word });
    if (slope) this.steps.splice(-1, 1, { head: "slope", value: rule, operands: 1 });
    if (exponent.length) {
      const middle = this.steps.length;
      this.steps.push(...exponent);
      this.raise(known, middle);
    }
  }

  beginsOperand() {
    const c = this.peek();
    return !this.sign() && !"),]}".includes(c) && !(c === "|" && this.bars);
  }

  // Return the exponent in sin²(x), which is (sin x)².
  functionPower(word) {
    const [at, known, sign] = [this.i, this.steps.length, this.sign()];
    if (this.match("superscript")) this.superscript(at);
    else if (sign?.[0] === "pow") {
      this.advance(this.i + sign[1].length);
      if (this.peek() === "{") this.closed("}");
      else this.signedAtom();
    } else return [[], ""];
    const steps = this.steps.splice(known);
    const text = this.since(at);
    if (steps.length === 1 && steps[0].head === "number" && steps[0].value === -1) {
      const inverse = ["sin", "cos", "tan"].includes(word) ? `arc${word}` : "the inverse function";
      this.twoReadings(`${word}${text}`, inverse, `1/${word}`);
    }
    return [steps, text];
  }

  signedAtom() {
    const negative = this.level("sum");
    if (negative) this.advance(this.i + negative[1].length);
    this.atom();
    const last = this.steps[this.steps.length - 1];
    if (negative && last.head === "number") {
      this.steps.splice(-1, 1, { ...last, value: -last.value });
    }
  }

  call(word) {
    this.advance(this.i + 1);
    const { bars } = this;
    this.bars = 0;
    this.calls += 1;
    const sizes = [];
    if (this.peek() !== ")") {
      sizes.push(this.argument(word, true));
      while (",;".includes(this.peek()) && this.peek()) {
        this.advance(this.i + 1);
        sizes.push(this.argument(word, false));
      }
    }
    this.bars = bars;
    this.calls -= 1;
    this.close(")");
    this.applied(word, sizes);
  }

  // Read an operand, or a list of them, and return how many there are; of a list, less than 0.
  argument(word, first) {
    if (this.peek() === "[") return this.listed();
    this.sum();
    const sign = this.sign();
    if (!this.compares(sign)) return 1;
    if (!(first && word === "where")) this.refuse("condition");
    if (sign[0] === "equal") this.refuse("compare");
    this.advance(this.i + sign[1].length);
    this.sum();
    if (this.peek() && !",;)".includes(this.peek())) this.refuse("compare");
    this.apply(sign[0], 2);
    return 1;
  }

  listed() {
    this.advance(this.i + 1);
    let count = 0;
    while (this.peek() !== "]") {
      this.sum();
      count += 1;
      if (this.peek() === ",") this.advance(this.i + 1);
      else if (this.peek() !== "]") this.close("]");
    }
    this.close("]");
    return -count;
  }

  applied(word, sizes) {
    const [rule, count, sequences] = this.grammar.functions[word];
    const lengths = sizes.map(Math.abs);
    const given = lengths.reduce((sum, size) => sum + size, 0);
    if (!sequences && (sizes.length !== count || sizes.some((size) => size < 0))) {
      this.refuse("count", { name: word, count, given });
    }
    if (sequences > 1) {
      if (sizes.length !== sequences || sizes.some((size) => size > 0)) {
        this.refuse("lists", { name: word, count: sequences });
      }
      if (new Set(lengths).size > 1) {
        this.refuse("lengths", { name: word, given: lengths.join(" and ") });
      }
    }
    if (sequences && !given) this.refuse("none", { name: word });
    if (rule === "pow" && this.steps[this.steps.length - 1].head === "number") this.raise(0, 0);
    else this.apply(sequences ? `${rule}/${given}` : rule, given);
  }

  // Derivatives

  derivative() {
    const { i: start, end } = this;
    let fraction = this.take("above");
    const named = !fraction && this.find() !== undefined;
    const mark = named ? null : this.take("differential");
    const above = mark ? this.symbol() : null;
    if (above !== null) {
      const slash = this.take(fraction ? "below" : "slash");
      const below = slash && this.take("differential") ? this.symbol() : null;
      if (below !== null && fraction && this.peek() === "}") {
        this.advance(this.i + 1);
        fraction = null;
      }
      if (below !== null && !fraction) {
        const held = this.held();
        const operand = this.take("operand");
        const value = [above, below, held, operand ? Number(operand[1]) : 0];
        this.steps.push({ head: "derivative", value, operands: 0 });
        if (!")}".includes(this.line[this.end - 1])) {
          const text = this.since(start);
          const last = text.lastIndexOf("∂");
          this.open = ["derivative", text.slice(0, Math.max(last, 0)), text.slice(last + 1)];
        }
        return true;
      }
    }
    if (mark && mark[0][0] !== "d") this.refuse("derivative");
    [this.i, this.end] = [start, end];
    return false;
  }

  symbol() {
    let name = this.find();
    let width = name ? name.length : 0;
    if (!name) {
      const quoted = this.match("quoted");
      name = quoted ? this.fold(quoted.slice(1).find((part) => part !== undefined)) : "";
      width = quoted ? quoted[0].length : 0;
    }
    if (!this.names.has(name)) return null;
    this.advance(this.i + width);
    return this.meant(name);
  }

  held() {
    const { i: start, end } = this;
    const mark = this.bars ? null : this.take("held");
    const nodes = [];
    for (let node = mark && this.symbol(); node !== null; node = this.symbol()) {
      nodes.push(node);
      if (this.peek() !== ",") break;
      this.advance(this.i + 1);
    }
    if (!nodes.length) [this.i, this.end] = [start, end];
    else if (mark[0].includes("{")) this.close("}");
    return nodes;
  }
}

const brief = (word) => (word.length <= 40 ? word : `${word.slice(0, 39)}…`);

// Python's infinities are called otherwise.
const toNumber = (text) =>
  ({ inf: Infinity, "-inf": -Infinity, nan: NaN })[text] ?? Number(text);

// Reads and judges the answers to what is asked about one graph.
class Arithmetic {
  constructor({ grammar, words, tolerances }, live) {
    this.parser = new Parser(grammar, words);
    this.tolerances = tolerances;
    this.live = live;
  }

  // Return an answer, {value, precision, coarse, noise, steps}, or throw a Mistyped.
  evaluate(text) {
    const steps = this.parser.parse(text);
    if (steps.length === 1 && steps[0].head === "number") {
      return { ...this.rounded(steps[0].value, halfAUnit(steps[0].written)), steps: [] };
    }
    const named = steps.some(({ head }) => head === "name" || head === "derivative");
    return { ...this.workedOut(steps, this.live.pass), steps: named ? steps : [] };
  }

  rounded(value, half) {
    const { digits, tie } = this.tolerances;
    const precision = half <= digits * tie * Math.abs(value) ? half : 0;
    return { value, precision, coarse: Math.max(half, this.perhaps(value, half)), noise: 0 };
  }

  // How far a whole number may be rounded that ends in zeros: 130 may stand for 132.
  perhaps(value, half) {
    if (half !== 0.5 || !(Math.abs(value) >= 100 && Math.abs(value) < 2 ** 53)) return 0;
    const digits = String(Math.abs(value));
    const zeros = Math.min(digits.match(/0*$/)[0].length, digits.length - 2);
    return zeros ? 0.5 * 10 ** zeros : 0;
  }

  workedOut(steps, point) {
    const stack = [];
    for (const step of steps) {
      stack.push(this.made(step, stack.splice(stack.length - step.operands), point));
    }
    return stack[0];
  }

  made({ head, value, written }, operands, point) {
    if (head === "number") return this.rounded(value, /\d[.eE]|\./.test(written) ? halfAUnit(written) : 0);
    if (head === "name") return this.rounded(point.number(value), 0);
    if (head === "derivative") {
      const [above, below, held, operand] = value;
      const refuse = () => this.parser.refuse("no operand");
      if (operand) return this.rounded(point.local(above, below, operand, refuse), 0);
      return this.rounded(point.derivative(above, below, held), 0);
    }
    const numbers = operands.map((operand) => operand.value);
    const rule = RULES[head === "power" ? "pow" : value];
    if (!rule) this.parser.refuse("unwritten", { name: value });
    let [result, slopes] = rule(...numbers, ...(head === "power" ? [value] : []));
    if (head === "power") slopes = [slopes[0]];
    if (head === "slope") [result, slopes] = [slopes[0], [0]];
    result = Number(result);
    if (!Number.isFinite(result) && numbers.every(Number.isFinite)) {
      this.parser.refuse(numbers.some((x) => Math.abs(x) > 100) ? "too large" : "no value");
    }
    const carried = (error) =>
      operands.reduce((sum, operand, k) => sum + (operand[error] ? operand[error] * Math.abs(slopes[k]) : 0), 0);
    const [precision, coarse, noise] = ["precision", "coarse", "noise"].map(carried);
    const own = this.tolerances.noise * Math.abs(result);
    return { value: result, precision, coarse, noise: own < Infinity ? noise + own : noise };
  }

  agrees(answer, truth, noise = 0) {
    if (!Number.isFinite(truth) || !Number.isFinite(answer.value)) return Object.is(truth, answer.value);
    const { tie, equal } = this.tolerances;
    const allowed = [answer.precision * tie, equal * Math.abs(truth), noise + answer.noise];
    return Math.abs(answer.value - truth) <= Math.max(...allowed);
  }

  isNear(answer, truth) {
    if (!answer.value || !Number.isFinite(truth)) return false;
    const { coarse, near } = this.tolerances;
    const rounding = Math.min(answer.coarse, coarse * Math.abs(truth));
    return Math.abs(answer.value - truth) <= Math.max(rounding, near * Math.abs(truth));
  }

  // Return {verdict, mistakes, note}: what Python's Judge says of an answer to a question.
  judge(answer, question, mistakes = question.wrong) {
    const { number: truth, asked, noise, symbol } = question;
    if (this.agrees(answer, truth, noise)) {
      const tried = answer.steps.length && question.wanted.length;
      const note = tried ? this.failure(answer, question) : "";
      if (!note && this.names(answer, asked, truth)) {
        return { verdict: "asked back", mistakes: [], note: `${symbol} is what is asked for; work it out` };
      }
      return { verdict: note ? "right only here" : "right", mistakes: [], note };
    }
    const exact = { ...answer, precision: 0 };
    const leadTo = (given) => mistakes.filter(({ number }) => this.agrees(given, number, noise));
    const fitting = leadTo(exact);
    if (!fitting.length && this.isNear(answer, truth) && (answer.coarse || !answer.steps.length)) {
      return { verdict: answer.coarse ? "too coarse" : "near, not equal", mistakes: [], note: "" };
    }
    return { verdict: "wrong", mistakes: fitting.length ? fitting : leadTo(answer), note: "" };
  }

  // Whether an answer contains the one derivative that is asked for.
  names(answer, [above, below], truth) {
    return answer.steps.some(
      (step) =>
        step.head === "derivative" &&
        step.value[0] === above &&
        step.value[1] === below &&
        this.agrees(this.workedOut([step], this.live.pass), truth),
    );
  }

  // Say where a formula is not what is asked for, among the points that what it names moves.
  failure(answer, { wanted, symbol }) {
    const below = this.below(answer.steps);
    for (const { pass, moved } of this.live.elsewhere) {
      if (!moved.every((node) => below.has(node))) continue;
      const truth = this.workedOut(wanted, pass).value;
      let said;
      try {
        const there = this.workedOut(answer.steps, pass);
        if (this.agrees(there, truth, 1e-9 * Math.abs(there.value))) continue;
        said = `is ${short(there.value)}`;
      } catch (error) {
        if (!(error instanceof Mistyped)) throw error;
        said = "has no value";
      }
      const { nodes, pass: here } = this.live;
      const shown = moved.slice(0, 3).map((node) => [nodes[node].said, node]);
      const at = ({ numbers }) => shown.map(([name, node]) => `${name} = ${short(numbers[node])}`).join(", ");
      return `right at ${at(here)} only; at ${at(pass)} it ${said}, and ${symbol} is ${short(truth)}`;
    }
    return "";
  }

  // Return the nodes that what is named depends on.
  below(steps) {
    const heads = steps.filter(({ head }) => head === "name" || head === "derivative");
    const stack = heads.map(({ head, value }) => (head === "name" ? value : value[0]));
    const found = new Set(stack);
    while (stack.length) {
      for (const parent of this.live.nodes[stack.pop()].operands) {
        if (!found.has(parent)) stack.push(parent);
        found.add(parent);
      }
    }
    return found;
  }
}

// Half a unit of the last digit of a decimal number, 0 for any other text.
function halfAUnit(written) {
  const found = written.match(/^[\d_]*(?:\.(\d*))?(?:e([-+]?\d+))?$/i);
  if (!found || !written) return 0;
  return 0.5 * 10 ** (Number(found[2] || 0) - (found[1] || "").length);
}
