// Making elements. Every text becomes a text node, so that no label is ever read as HTML.

function make(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

const LOWERED = "\\u2080-\\u209c\\u1d62-\\u1d6a\\u2c7c";
const RAISED =
  "\\u2070-\\u207f\\u00b2\\u00b3\\u00b9\\u1d2c-\\u1d61" +
  "\\u1d9c-\\u1dbf\\u02b0-\\u02b8\\u02e1-\\u02e3";
const TOKENS = new RegExp(
  `(?<lowered>[${LOWERED}]+)?(?<raised>[${RAISED}]+)?` +
    "(?:(?<mantissa>\\d+(?:\\.\\d+)?)e(?<exponent>[-+]\\d+)(?!\\p{L})|" +
    "(?<number>\\d+(?:\\.\\d+)?)|" +
    "(?<numbered>\\p{L})(?<index>\\d+)(?![\\p{L}\\d_])|(?<word>\\p{L}[\\p{L}\\p{M}\\d_]*)|" +
    "(?<minus>-)(?=[\\d∞])|(?<other>.))?",
  "gsu",
);

const typographic = (text) => text.replace("-", "−");

// Typeset what the engine wrote: real subscripts and superscripts, variables in italics.
function math(text) {
  const row = make("span", { class: "math" });
  for (const { groups: token } of text.matchAll(TOKENS)) {
    row.append(...scripts(token.lowered, token.raised));
    if (token.exponent) {
      const exponent = String(Number(token.exponent));
      row.append(`${token.mantissa} × 10`, make("sup", {}, typographic(exponent)));
    } else if (token.numbered) {
      row.append(make("i", {}, token.numbered), make("sub", {}, token.index));
    } else if (token.word) {
      const variable = token.word.replace(/\p{M}/gu, "").normalize("NFC").length === 1;
      row.append(variable ? make("i", {}, token.word) : token.word);
    } else {
      row.append(token.minus ? "−" : token.number || token.other || "");
    }
  }
  row.normalize();
  return row;
}

const SYMBOLS = new RegExp(
  `(?<![\\p{L}\\d_])\\p{L}\\p{M}*(?:\\d+|[${LOWERED}${RAISED}]+)(?![\\p{L}\\d_])|` +
    "(?<=^|[\\s(])-(?=[\\d.∞])",
  "gu",
);

// Typeset a sentence: what has an index is a symbol, but a letter alone may be a word.
function prose(text) {
  const row = make("span");
  let end = 0;
  for (const found of text.matchAll(SYMBOLS)) {
    row.append(text.slice(end, found.index), found[0] === "-" ? "−" : math(found[0]));
    end = found.index + found[0].length;
  }
  row.append(text.slice(end));
  return row;
}

function scripts(lowered, raised) {
  const baseline = (text) => typographic(text.normalize("NFKD"));
  if (lowered && raised) {
    const [sup, sub] = [make("sup", {}, baseline(raised)), make("sub", {}, baseline(lowered))];
    return [make("span", { class: "scripts" }, sup, sub)];
  }
  if (lowered) return [make("sub", {}, baseline(lowered))];
  return raised ? [make("sup", {}, baseline(raised))] : [];
}

function fraction(above, below) {
  const top = make("span", {}, math(`∂${above}`));
  return make("span", { class: "fraction" }, top, make("span", {}, math(`∂${below}`)));
}

// A number in its short form; the exact one on demand.
function numeral([short, exact], shielded = false) {
  const made = make("span", { class: "number", title: exact }, math(short));
  if (shielded && short.startsWith("-")) {
    made.prepend("(");
    made.append(")");
  }
  return made;
}

const spoken = (text) => text.replaceAll("·", "times").replaceAll("∂", "d ");
