// How numbers and derivatives are written, as in autograd/views/writing.

// A number in four significant digits, or in fewer that are exact.
function short(x) {
  if (Number.isNaN(x)) return "NaN";
  if (!Number.isFinite(x)) return x > 0 ? "∞" : "-∞";
  const exact = general(x, false);
  if (Math.abs(Number(exact) - x) <= 1e-12 * Math.abs(x)) return exact;
  const rounded = general(x, true);
  return rounded.endsWith(".") ? inTenths(x) : rounded; // 1234. would be taken for exact
}

// Python's format %.4g; with `zeros` those at the end are kept, and the point.
function general(x, zeros) {
  const [mantissa, exponent] = inFour(x || 0).split("e");
  const power = Number(exponent);
  const plain = power >= -4 && power < 4;
  let text = plain ? Number(`${mantissa}e${exponent}`).toFixed(3 - power) : mantissa;
  if (zeros && !text.includes(".")) text += ".";
  if (!zeros && text.includes(".")) text = text.replace(/\.?0+$/, "");
  return plain ? text : scientific(text, power);
}

// Four digits; halfway between two the even one, as in Python.
function inFour(x) {
  const [mantissa, exponent] = x.toExponential(30).split("e");
  const [, kept, half] = mantissa.match(/^(-?\d\.\d{3})(50*$)?/);
  return half && kept.at(-1) % 2 === 0 ? `${kept}e${exponent}` : x.toExponential(3);
}

// One decimal; halfway between two the even one.
function inTenths(x) {
  const tenths = x * 10;
  return (Math.abs(tenths % 1) === 0.5 ? (2 * Math.round(tenths / 2)) / 10 : x).toFixed(1);
}

// The shortest text that is this number, as Python writes it.
function exactly(x) {
  if (!Number.isFinite(x)) return short(x).replace("∞", "inf").replace("NaN", "nan");
  const [mantissa, exponent] = x.toExponential().split("e");
  const power = Number(exponent);
  if (power < -4 || power >= 16) return scientific(mantissa, power);
  const text = Object.is(x, -0) ? "-0" : String(x);
  return text.includes(".") ? text : `${text}.0`;
}

const scientific = (mantissa, power) =>
  `${mantissa}e${power < 0 ? "-" : "+"}${String(Math.abs(power)).padStart(2, "0")}`;

// A number as markup, the exact one on demand.
function typeset(x) {
  const [mantissa, exponent] = short(x).split("e");
  const text = (exponent ? `${mantissa} × 10<sup>${Number(exponent)}</sup>` : mantissa).replaceAll("-", "−");
  return `<span class="number" title="${exactly(x)}">${text}</span>`;
}

// A number as a factor: a negative one, or a power of ten, in parentheses.
const factor = (x) => (/^-|e/.test(short(x)) ? `(${typeset(x)})` : typeset(x));

// Fill a template with the operands at its places, numbers in parentheses where they need them.
function filled(template, operands, result) {
  return template.replace(/\{\ue000(\d+|z)\}/g, (hole, place, at) => {
    const x = place === "z" ? result : operands[place];
    if (typeof x === "string") return x;
    const [before, after] = [template.slice(0, at), template.slice(at + hole.length)];
    const apart = /(^|[(>]|[,=] )$/.test(before) && !after.startsWith("<sup>");
    return apart ? typeset(x) : factor(x);
  });
}

// ∂above/∂below as a fraction, as Html.derivative of autograd/views/writing/scripts.py.
// The second list of names is that of a reader of screens.
function derivative([above, below, held = [], which = ""], plain) {
  const names = held.slice(0, HELD);
  if (held.length > HELD) names.push("…");
  const fraction = `<span class="fraction"><span>∂${above}</span><span>∂${below}</span></span>`;
  const bar = held.length ? `<span class="held">${names.join(", ")}</span>` : "";
  const operand = which ? `<small>${which}</small>` : "";
  const said = attribute(onTheLine(...plain));
  return `<span class="derivative" role="math" aria-label="${said}">${fraction}${bar}${operand}</span>`;
}

const HELD = 8; // how many names of what is held are written

// ∂above/∂below in running text.
function onTheLine(above, below, held = [], which = "") {
  const variable = /^[-−]/.test(below) ? `(${below})` : below;
  const names = held.length > HELD ? [...held.slice(0, HELD), "…"] : held;
  const bar = names.length ? `|${names.join(",")}` : "";
  return `∂${above}/∂${variable}${bar}${which ? ` (${which})` : ""}`;
}

// Markup as plain text, indices and exponents raised and lowered where there are letters for that.
function spoken(markup) {
  const put = (alphabet, mark) => (_, inside) => {
    const text = inside.replace(/<[^>]*>/g, "");
    const letters = [...text].map((c) => alphabet[c]);
    return letters.every(Boolean) ? letters.join("") : [...text].length > 1 ? `${mark}(${text})` : mark + text;
  };
  const flat = markup.replace(INNERMOST, quotient);
  if (flat !== markup) return spoken(flat);
  return markup
    .replace(/<sub>(.*?)<\/sub>/g, put(LOW, "_"))
    .replace(/<sup>(.*?)<\/sup>/g, put(HIGH, "^"))
    .replace(/<[^>]*>/g, "")
    .replace(/&(lt|gt|quot|amp|#x27);/g, (_, name) => ENTITIES[name]);
}

const INNERMOST = // fractions that have none inside
  /<span class="fraction"><span>((?:(?!<span class="f).)*?)<\/span><span>((?:(?!<span class="f).)*?)<\/span><\/span>/g;

// A quotient on the line, in parentheses what would be read otherwise.
function quotient(_, above, below) {
  const bare = (text) => text.replace(/\([^()]*\)/g, "");
  const top = / [+−] /.test(bare(above)) ? `(${above})` : above;
  return `${top}/${/^−| [+−] |[·×/]/.test(bare(below)) ? `(${below})` : below}`;
}

const ENTITIES = { lt: "<", gt: ">", quot: '"', amp: "&", "#x27": "'" };

const attribute = (text) => text.replaceAll("&", "&amp;").replaceAll('"', "&quot;");

const alphabet = (plain, letters) =>
  Object.fromEntries([...plain].map((c, i) => [c, [...letters][i]]));
const LOW = alphabet("0123456789+-−=()aehijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ");
const HIGH = alphabet("0123456789+-−=()iLnkl", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁱᴸⁿᵏˡ");
